package dev.drawbridge.server

import dev.drawbridge.rpc.Peer
import dev.drawbridge.rpc.PeerListener
import java.io.IOException
import java.io.InputStream
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.TimeUnit

/** The end of what a program wrote to standard error, so that a talkative one does not fill the memory. */
internal class Tail(private val stream: InputStream) {
    private val kept = java.io.ByteArrayOutputStream()

    private val thread = Thread(::readAll, "drawbridge-stderr").apply { isDaemon = true }

    fun start() {
        thread.start()
    }

    /** Gives it a moment to read what is left, then ends it. */
    fun close() {
        thread.join(WAIT)
        stream.close()
    }

    /** The last [LONGEST] bytes, once the stream ended or a little later. */
    fun text(): String {
        thread.join(WAIT)
        return synchronized(kept) { kept.toByteArray().takeLast(LONGEST).toByteArray().toString(Charsets.UTF_8).trim() }
    }

    private fun readAll() {
        try {
            val buffer = ByteArray(LONGEST)
            while (true) {
                val count = stream.read(buffer)
                if (count < 0) return
                synchronized(kept) {
                    if (kept.size() > LONGEST) {
                        val end = kept.toByteArray().takeLast(LONGEST).toByteArray()
                        kept.reset()
                        kept.write(end)
                    }
                    kept.write(buffer, 0, count)
                }
            }
        } catch (_: IOException) {
            // Closed with the process.
        }
    }

    private companion object {
        const val LONGEST = 4_096
        const val WAIT = 500L
    }
}

/**
 * One running server. [close] kills it with all that it started; [leave] asks it to go first. Neither waits.
 */
internal class Connection private constructor(private val process: Process, listener: PeerListener) : AutoCloseable {
    val peer = Peer(process.inputStream, process.outputStream, listener)
    private val errors = Tail(process.errorStream)

    val pid: Long get() = process.pid()

    fun start() {
        errors.start()
        peer.start()
    }

    fun said(): String = errors.text()

    /** Leaves in order: `shutdown`, `exit`, then as [close]. */
    fun leave() {
        peer.request("shutdown", com.google.gson.JsonObject(), PATIENCE).whenComplete { _, _ ->
            peer.notify("exit", com.google.gson.JsonObject())
            // The end of the stream closes the rest; this is for a server that stays.
            reap(PATIENCE)
        }
    }

    override fun close() {
        kill()
        reap(PATIENCE)
    }

    private fun kill() {
        process.descendants().forEach { it.destroyForcibly() }
        process.destroyForcibly()
    }

    private fun reap(patience: Duration) {
        Thread({
            val left = try {
                process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)
            } catch (_: InterruptedException) {
                false
            }
            if (!left) kill()
            // Only now: closing a pipe waits for a writer, and that for a server that does not read.
            peer.close()
            errors.close()
        }, "drawbridge-reaper").apply { isDaemon = true }.start()
    }

    companion object {
        private val PATIENCE = Duration.ofSeconds(2)

        /**
         * Starts [program] for a folder, from the user's home: a process that starts in the project takes what lies there,
         * and an IDE would run it in the container.
         */
        fun open(program: Path, project: Path, listener: PeerListener): Connection {
            require(program.isAbsolute) { "the program is named by an absolute path" }
            val builder = ProcessBuilder(program.toString(), "lsp").directory(home().toFile())
            Environment.clean(builder.environment(), project)
            return Connection(builder.start(), listener)
        }

        private fun home(): Path = Path.of(System.getProperty("user.home")).takeIf { it.isAbsolute && java.nio.file.Files.isDirectory(it) }
            ?: Path.of("/").toAbsolutePath()
    }
}
