package dev.drawbridge.text

/** Text that a workspace or a container chose, made safe to show. */
public object Foreign {
    /** Control characters, line separators, and characters that change the direction or are not seen. */
    private val unsafe = Regex(
        "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]",
    )

    /** One line of at most [longest] characters, unsafe ones as `\u{…}`. */
    public fun line(text: String, longest: Int = 200): String {
        val count = text.codePointCount(0, text.length)
        val cut = if (count > longest) text.substring(0, text.offsetByCodePoints(0, longest - 1)) + "…" else text
        return unsafe.replace(cut) { "\\u{${it.value[0].code.toString(16)}}" }
    }

    /** For a page of ours: every character that means something in HTML is escaped. */
    public fun html(text: String, longest: Int = 2_000): String =
        line(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
}
