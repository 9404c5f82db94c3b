package dev.drawbridge.ui

import dev.drawbridge.text.Foreign

/**
 * The Markdown of the rules' pages as HTML for Swing: headings, paragraphs, lists, tables, code. Everything else is shown as it is
 * written; no link, image or HTML of the page takes effect.
 */
public object Markdown {
    private val strong = Regex("""\*\*([^*]+)\*\*""")
    private val link = Regex("""\[([^\]]+)]\([^)]*\)""")

    public fun html(markdown: String): String {
        val out = StringBuilder()
        val paragraph = mutableListOf<String>()
        var list = false

        fun flush() {
            if (paragraph.isNotEmpty()) out.append(if (list) "<li>" else "<p>").append(inline(paragraph.joinToString(" "))).append(if (list) "</li>" else "</p>")
            paragraph.clear()
        }

        fun endList() {
            flush()
            if (list) out.append("</ul>")
            list = false
        }

        val lines = markdown.lines().iterator()
        while (lines.hasNext()) {
            val line = lines.next()
            when {
                line.startsWith("```") -> {
                    endList()
                    out.append("<pre>")
                    for (code in lines) {
                        if (code.startsWith("```")) break
                        out.append(Foreign.html(code)).append('\n')
                    }
                    out.append("</pre>")
                }
                line.startsWith("#") -> {
                    endList()
                    out.append("<h3>").append(inline(line.trimStart('#').trim())).append("</h3>")
                }
                line.startsWith("- ") -> {
                    flush()
                    if (!list) out.append("<ul>")
                    list = true
                    paragraph += line.drop(2)
                }
                // The table of a page's facts repeats what stands above the page.
                line.startsWith("|") -> flush()
                line.isBlank() -> endList()
                else -> paragraph += line.trim()
            }
        }
        endList()
        return out.toString()
    }

    /** Code, strong words, and the words of links. */
    private fun inline(text: String): String = text.split('`').mapIndexed { index, part ->
        if (index % 2 == 1) "<code>${Foreign.html(part)}</code>" else strong.replace(Foreign.html(link.replace(part, "$1")), "<b>$1</b>")
    }.joinToString("")
}
