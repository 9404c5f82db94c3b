package dev.drawbridge.rpc

import java.io.EOFException
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream

/** The other side does not speak the protocol. */
public class FramingException(message: String) : IOException(message)

/**
 * Messages of the language server protocol's base layer: `Content-Length: BYTES`, an empty line, then the body in UTF-8.
 *
 * The stream is bytes until a body is whole, since lengths count bytes and a body may hold line ends.
 */
public object Framing {
    /** Bytes of all headers of one message. */
    public const val LONGEST_HEADER: Int = 8 * 1024

    /** Bytes of one body. */
    public const val LONGEST_BODY: Int = 64 * 1024 * 1024

    private const val LENGTH = "content-length"

    /**
     * The next body, or null at an orderly end between two messages.
     *
     * @throws FramingException for headers without a length, or a length above [LONGEST_BODY]
     * @throws EOFException when the stream ends inside a message
     */
    public fun read(input: InputStream): String? {
        val header = header(input) ?: return null
        val length = header.lineSequence()
            .map { it.split(':', limit = 2) }
            .firstOrNull { it.size == 2 && it[0].trim().lowercase() == LENGTH }
            ?.get(1)?.trim()?.toIntOrNull()
            ?: throw FramingException("a message without its length")
        if (length !in 0..LONGEST_BODY) throw FramingException("a message of $length bytes")
        val body = input.readNBytes(length)
        if (body.size < length) throw EOFException("the stream ended inside a message")
        return body.toString(Charsets.UTF_8)
    }

    /** Writes one body; the caller flushes. */
    public fun write(output: OutputStream, body: String) {
        val bytes = body.toByteArray(Charsets.UTF_8)
        output.write("Content-Length: ${bytes.size}\r\n\r\n".toByteArray(Charsets.US_ASCII))
        output.write(bytes)
    }

    private fun header(input: InputStream): String? {
        val header = StringBuilder()
        while (true) {
            val byte = input.read()
            if (byte < 0) {
                if (header.isEmpty()) return null
                throw EOFException("the stream ended inside a header")
            }
            if (byte == '\r'.code) continue
            header.append(byte.toChar())
            if (header.length > LONGEST_HEADER) throw FramingException("a header without an end")
            if (header.endsWith("\n\n")) return header.toString()
            if (header.length == 1 && byte == '\n'.code) throw FramingException("a message without a header")
        }
    }
}
