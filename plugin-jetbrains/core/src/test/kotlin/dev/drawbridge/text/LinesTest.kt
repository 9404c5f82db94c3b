package dev.drawbridge.text

import dev.drawbridge.protocol.Position
import dev.drawbridge.protocol.Range
import dev.drawbridge.protocol.TextEdit
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

class LinesTest {
    private val text = "é😀x\r\n\rlast\n"
    private val lines = Lines(text)

    private fun range(fromLine: Int, from: Int, toLine: Int, to: Int) = Range(Position(fromLine, from), Position(toLine, to))

    @Test
    fun `every offset outside of a line end goes there and back`() {
        for (offset in 0..text.length) {
            if (offset in 1 until text.length && text[offset - 1] == '\r' && text[offset] == '\n') continue
            assertEquals(offset, lines.offset(lines.position(offset)))
        }
        assertEquals(Position(1, 0), lines.position(6))
        assertEquals(Position(3, 0), lines.position(text.length))
    }

    @Test
    fun `columns count code units and stay on their line`() {
        assertEquals(3, lines.offset(Position(0, 3)))
        assertEquals(4, lines.offset(Position(0, 99)), "before the carriage return")
        assertEquals(7, lines.offset(Position(2, 0)))
        assertEquals(text.length, lines.offset(Position(99, 0)))
        assertEquals(0, lines.offset(Position(-1, 5)))
        assertEquals(4, lines.offset(Position(0, Int.MAX_VALUE)))
    }

    @Test
    fun `edits are applied from the end, in the order of their places`() {
        val edits = listOf(TextEdit(range(0, 0, 0, 1), "e"), TextEdit(range(2, 0, 2, 4), "first"), TextEdit(range(0, 4, 0, 4), "!"))
        assertEquals("e😀x!\r\n\rfirst\n", Edits.apply(text, edits))
        val inserted = listOf(TextEdit(range(0, 0, 0, 0), "a"), TextEdit(range(0, 0, 0, 0), "b"), TextEdit(range(0, 0, 0, 1), "c"))
        assertEquals("abc😀x\r\n\rlast\n", Edits.apply(text, inserted))
    }

    @Test
    fun `overlapping edits are refused`() {
        val edits = listOf(TextEdit(range(0, 0, 0, 3), "e"), TextEdit(range(0, 1, 0, 4), "f"))
        assertNull(Edits.of(text, edits))
        assertNull(Edits.apply(text, edits.reversed()))
    }

    @Test
    fun `foreign text stays one visible line`() {
        assertEquals("a\\u{a}b\\u{202e}c", Foreign.line("a\nb\u202ec"))
        assertEquals("😀😀…", Foreign.line("😀😀😀😀", 3))
        assertEquals("&lt;img src=&quot;x&quot;&gt;&amp;", Foreign.html("<img src=\"x\">&"))
    }
}
