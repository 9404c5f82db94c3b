package dev.drawbridge.rpc

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.io.EOFException
import java.io.InputStream

class FramingTest {
    private fun read(text: String) = Framing.read(text.toByteArray().inputStream())

    /** One byte at a time, as a slow pipe gives them. */
    private class Drops(private val bytes: ByteArray) : InputStream() {
        private var at = 0

        override fun read() = if (at < bytes.size) bytes[at++].toInt() and 0xff else -1

        override fun read(into: ByteArray, offset: Int, length: Int): Int {
            if (length == 0) return 0
            val byte = read()
            if (byte < 0) return -1
            into[offset] = byte.toByte()
            return 1
        }
    }

    @Test
    fun `what is written is read, whatever the pieces`() {
        val bodies = listOf("{}", """{"text":"é😀\r\n"}""", "x".repeat(70_000), "")
        val bytes = ByteArrayOutputStream().also { out -> bodies.forEach { Framing.write(out, it) } }.toByteArray()
        for (input in listOf(bytes.inputStream(), Drops(bytes))) {
            assertEquals(bodies, bodies.map { Framing.read(input) })
            assertNull(Framing.read(input))
        }
    }

    @Test
    fun `headers in any case, others beside, line feeds only`() {
        assertEquals("{}", read("Content-Type: x; charset=utf-8\r\ncontent-length:2\r\n\r\n{}"))
        assertEquals("{}", read("Content-Length: 2\n\n{}"))
    }

    @Test
    fun `what is no message is refused`() {
        for (bad in listOf("hello\n\n", "Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "\r\n{}", "Content-Length: 99999999999\r\n\r\n")) {
            assertThrows(FramingException::class.java, { read(bad) }, bad)
        }
        assertThrows(FramingException::class.java) { read("Content-Length: ${Framing.LONGEST_BODY + 1}\r\n\r\n") }
        assertThrows(FramingException::class.java) { read("a".repeat(Framing.LONGEST_HEADER + 1)) }
    }

    @Test
    fun `an end inside a message is told from one between messages`() {
        assertNull(read(""))
        for (cut in listOf("Content-Le", "Content-Length: 3\r\n\r\n{}")) assertThrows(EOFException::class.java, { read(cut) }, cut)
    }
}
