package dev.drawbridge.text

import dev.drawbridge.protocol.Position
import dev.drawbridge.protocol.Range
import dev.drawbridge.protocol.TextEdit

/**
 * Places in one text: the protocol's lines and UTF-16 code units, and offsets in UTF-16 code units as Java counts them.
 *
 * A line ends with `\n`, `\r\n` or `\r`, as in the specification. What lies outside is moved to the nearest place inside.
 */
public class Lines(private val text: CharSequence) {
    private val starts: IntArray = starts(text)

    /** The offset of a place; a column behind the end of its line means that end. */
    public fun offset(at: Position): Int {
        if (at.line < 0) return 0
        if (at.line >= starts.size) return text.length
        val end = end(at.line)
        return (starts[at.line].toLong() + at.character.coerceAtLeast(0)).coerceAtMost(end.toLong()).toInt()
    }

    public fun position(offset: Int): Position {
        val inside = offset.coerceIn(0, text.length)
        val found = starts.binarySearch(inside)
        val line = if (found >= 0) found else -found - 2
        return Position(line, inside - starts[line])
    }

    /** Start and end offset; the end is never before the start. */
    public fun span(range: Range): IntRange {
        val start = offset(range.start)
        return start until offset(range.end).coerceAtLeast(start)
    }

    private fun end(line: Int): Int {
        if (line + 1 >= starts.size) return text.length
        var end = starts[line + 1] - 1
        if (end > starts[line] && text[end] == '\n' && text[end - 1] == '\r') end -= 1
        return end
    }

    private companion object {
        fun starts(text: CharSequence): IntArray {
            val starts = mutableListOf(0)
            text.forEachIndexed { index, character ->
                val ends = character == '\n' || character == '\r' && (index + 1 >= text.length || text[index + 1] != '\n')
                if (ends) starts += index + 1
            }
            return starts.toIntArray()
        }
    }
}

/** One replacement: the text from [start] to [end] (offsets, exclusive) becomes [text]. */
public data class Replacement(val start: Int, val end: Int, val text: String)

/** Edits of the protocol on a text that an editor holds. */
public object Edits {
    /**
     * The replacements from the last to the first, so that each leaves the offsets of those after it alone; null when two
     * overlap, since then their order would decide the result.
     */
    public fun of(text: CharSequence, edits: List<TextEdit>): List<Replacement>? {
        val lines = Lines(text)
        val sorted = edits
            .map { edit ->
                val start = lines.offset(edit.range.start)
                Replacement(start, lines.offset(edit.range.end).coerceAtLeast(start), edit.newText)
            }
            .withIndex()
            .sortedWith(compareBy({ it.value.start }, { it.value.end }, { it.index }))
            .map { it.value }
        if (sorted.zipWithNext().any { (before, after) -> before.end > after.start }) return null
        return sorted.asReversed()
    }

    /** The text after the edits, or null as in [of]. */
    public fun apply(text: CharSequence, edits: List<TextEdit>): String? {
        val changed = StringBuilder(text)
        for ((start, end, new) in of(text, edits) ?: return null) changed.replace(start, end, new)
        return changed.toString()
    }
}
