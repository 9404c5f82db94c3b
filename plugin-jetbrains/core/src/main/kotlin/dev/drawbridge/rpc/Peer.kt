package dev.drawbridge.rpc

import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonParseException
import com.google.gson.JsonParser
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong

/** The server answered with an error: `error.code`, `error.message` and `error.data` of JSON-RPC. */
public class RequestFailed(
    public val code: Int,
    message: String,
    public val data: JsonElement?,
) : Exception(message)

/** The connection is gone, so there will be no answer. */
public class Disconnected(message: String, cause: Throwable? = null) : IOException(message, cause)

/** What a [Peer] hands on. Called on the peer's reader thread: return soon. */
public interface PeerListener {
    public fun notified(method: String, params: JsonObject)

    /** The result of a request of the server. */
    public fun asked(method: String, params: JsonObject): JsonElement

    /** Nothing more will come. Called once; [why] is null after an orderly end of the stream. */
    public fun ended(why: Exception?)
}

/**
 * JSON-RPC 2.0 over two streams.
 *
 * Writing happens on a thread of its own, so no caller waits for a server that does not read. The streams are closed by
 * [close], or by the peer itself when the other side ends or speaks something else.
 */
public class Peer(
    private val input: InputStream,
    private val output: OutputStream,
    private val listener: PeerListener,
) : AutoCloseable {
    private val next = AtomicInteger(1)
    private val waiting = ConcurrentHashMap<Int, CompletableFuture<JsonElement>>()
    private val closed = AtomicBoolean()
    private val heard = AtomicLong(System.nanoTime())
    private val writer = ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, LinkedBlockingQueue(MOST_QUEUED), daemons("drawbridge-writer"))
    private val reader = daemons("drawbridge-reader").newThread(::readAll)

    /** When the last message came, on the clock of [System.nanoTime]. */
    public val lastHeard: Long get() = heard.get()

    public fun start() {
        reader.start()
    }

    /**
     * The future fails with [RequestFailed], [Disconnected], or [TimeoutException] after [deadline]; in the last case, and
     * when it is cancelled, the server is told to stop.
     */
    public fun request(method: String, params: JsonObject, deadline: Duration): CompletableFuture<JsonElement> {
        val id = next.getAndIncrement()
        val answer = CompletableFuture<JsonElement>()
        waiting[id] = answer
        answer.whenComplete { _, error ->
            waiting.remove(id)
            if (answer.isCancelled || error is TimeoutException) cancel(id)
        }
        send(message(method, params).apply { addProperty("id", id) })
        if (closed.get()) answer.completeExceptionally(Disconnected("the server is gone"))
        return answer.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
    }

    public fun notify(method: String, params: JsonObject) {
        send(message(method, params))
    }

    override fun close() {
        finish(null, tell = false)
    }

    private fun cancel(id: Int) {
        notify("$/cancelRequest", JsonObject().apply { addProperty("id", id) })
    }

    private fun message(method: String, params: JsonObject) = JsonObject().apply {
        addProperty("jsonrpc", "2.0")
        addProperty("method", method)
        add("params", params)
    }

    private fun send(message: JsonObject) {
        try {
            writer.execute {
                try {
                    Framing.write(output, message.toString())
                    output.flush()
                } catch (error: IOException) {
                    finish(error, tell = true)
                }
            }
        } catch (error: RejectedExecutionException) {
            if (!closed.get()) finish(Disconnected("the server does not read", error), tell = true)
        }
    }

    private fun readAll() {
        try {
            while (true) take(Framing.read(input) ?: break)
            finish(null, tell = true)
        } catch (error: IOException) {
            finish(error, tell = true)
        } catch (error: JsonParseException) {
            finish(FramingException("a message that is not JSON-RPC: ${error.javaClass.simpleName}"), tell = true)
        }
    }

    private fun take(body: String) {
        val message = JsonParser.parseString(body) as? JsonObject ?: throw FramingException("a message that is no object")
        heard.set(System.nanoTime())
        val method = message.string("method")
        val id = message["id"]
        when {
            method == null -> answered(message)
            id == null || id.isJsonNull -> listener.notified(method, message.objectOrEmpty("params"))
            else -> send(
                JsonObject().apply {
                    addProperty("jsonrpc", "2.0")
                    add("id", id)
                    add("result", listener.asked(method, message.objectOrEmpty("params")))
                },
            )
        }
    }

    private fun answered(message: JsonObject) {
        val id = (message["id"] as? com.google.gson.JsonPrimitive)?.takeIf { it.isNumber }?.asInt
            ?: throw FramingException("an answer without its number")
        // A late answer to what was given up.
        val answer = waiting.remove(id) ?: return
        val error = message["error"] as? JsonObject
        if (error == null) {
            answer.complete(message["result"] ?: JsonNull.INSTANCE)
        } else {
            val code = (error["code"] as? com.google.gson.JsonPrimitive)?.takeIf { it.isNumber }?.asInt ?: 0
            answer.completeExceptionally(RequestFailed(code, error.string("message") ?: "", error["data"]))
        }
    }

    private fun finish(why: Exception?, tell: Boolean) {
        if (!closed.compareAndSet(false, true)) return
        writer.shutdownNow()
        if (tell) listener.ended(why)
        for (answer in waiting.values.toList()) answer.completeExceptionally(Disconnected("the server is gone", why))
        for (stream in listOf(output, input)) {
            try {
                stream.close()
            } catch (_: IOException) {
                // The other end is gone; nothing is left to close.
            }
        }
    }

    private companion object {
        /** Messages not yet written. More means that the server stopped reading. */
        const val MOST_QUEUED = 4_096

        fun daemons(name: String) = java.util.concurrent.ThreadFactory { work -> Thread(work, name).apply { isDaemon = true } }

        fun JsonObject.string(name: String): String? =
            (this[name] as? com.google.gson.JsonPrimitive)?.takeIf { it.isString }?.asString

        fun JsonObject.objectOrEmpty(name: String): JsonObject = this[name] as? JsonObject ?: JsonObject()
    }
}
