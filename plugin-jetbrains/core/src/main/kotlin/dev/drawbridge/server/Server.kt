package dev.drawbridge.server

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import dev.drawbridge.protocol.Handshake
import dev.drawbridge.protocol.ShapeException
import dev.drawbridge.rpc.Disconnected
import dev.drawbridge.rpc.FramingException
import dev.drawbridge.rpc.PeerListener
import java.io.IOException
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException

/** There is no server that could answer; [state] says why. */
public class Unavailable(public val state: State) : IOException("no server: $state")

/** Called on the server's threads: return soon. */
public interface ServerListener {
    public fun stateChanged(state: State) {}

    public fun notified(method: String, params: JsonObject) {}
}

/**
 * The language server of one folder: started when first asked, watched, started again when it ends by itself.
 *
 * No method waits. Everything that changes happens on one thread of its own.
 */
public class Server(
    private val project: Path,
    private val client: String,
    private val backoff: Backoff = Backoff(),
    /** For the answer to `initialize`. */
    private val patience: Duration = Duration.ofSeconds(15),
    private val locate: () -> Program,
) : AutoCloseable {
    private val thread = ScheduledThreadPoolExecutor(1) { work -> Thread(work, "drawbridge-server").apply { isDaemon = true } }
    private val listeners = CopyOnWriteArrayList<ServerListener>()
    private val documents = LinkedHashMap<String, Document>()
    @Volatile
    private var connection: Connection? = null
    private var ready = CompletableFuture<Connection>()
    private var closed = false

    @Volatile
    public var state: State = State.Stopped
        private set

    /** The running process, for tests and the log. */
    public val pid: Long? get() = connection?.pid

    private class Document(val version: Int, val text: String)

    init {
        thread.removeOnCancelPolicy = true
        thread.executeExistingDelayedTasksAfterShutdownPolicy = false
    }

    public fun listen(listener: ServerListener) {
        listeners += listener
    }

    /** Starts it unless it runs or was tried. */
    public fun start() {
        later { if (state is State.Stopped) launch() }
    }

    /** Starts it anew, whatever was. */
    public fun restart() {
        later {
            backoff.reset()
            drop()
            launch()
        }
    }

    /**
     * The answer to a request, or a failure: [Unavailable], [Disconnected], [TimeoutException], or
     * [dev.drawbridge.rpc.RequestFailed].
     */
    public fun request(method: String, params: JsonObject, deadline: Duration): CompletableFuture<JsonElement> {
        val answer = CompletableFuture<JsonElement>()
        val accepted = later {
            if (state is State.Stopped) launch()
            ready.whenComplete { connection, error ->
                if (error == null) ask(connection, method, params, deadline, answer) else answer.completeExceptionally(cause(error))
            }
        }
        if (!accepted) answer.completeExceptionally(Unavailable(State.Stopped))
        return answer
    }

    /** An editor has this text for a document. Versions grow. */
    public fun setDocument(uri: String, version: Int, text: String) {
        later {
            val before = documents[uri]
            if (before != null && (before.version >= version || before.text == text)) return@later
            documents[uri] = Document(version, text)
            val peer = connection?.takeIf { state is State.Ready }?.peer ?: return@later
            if (before == null) {
                peer.notify("textDocument/didOpen", opened(uri, version, text))
            } else {
                peer.notify("textDocument/didChange", changed(uri, version, text))
            }
        }
    }

    /** The file counts again. */
    public fun closeDocument(uri: String) {
        later {
            if (documents.remove(uri) == null) return@later
            connection?.takeIf { state is State.Ready }?.peer?.notify("textDocument/didClose", json("textDocument" to json("uri" to uri)))
        }
    }

    /** Ends the process in order, without waiting for it. */
    override fun close() {
        later {
            closed = true
            connection?.leave()
            connection = null
            ready.completeExceptionally(Unavailable(State.Stopped))
            set(State.Stopped)
            thread.shutdown()
        }
    }

    private fun ask(
        connection: Connection,
        method: String,
        params: JsonObject,
        deadline: Duration,
        answer: CompletableFuture<JsonElement>,
    ) {
        val asked = System.nanoTime()
        val request = connection.peer.request(method, params, deadline)
        answer.whenComplete { _, _ -> if (answer.isCancelled) request.cancel(false) }
        request.whenComplete { result, error ->
            if (error == null) {
                answer.complete(result)
                return@whenComplete
            }
            if (error is TimeoutException && connection.peer.lastHeard < asked) later { hung(connection) }
            answer.completeExceptionally(cause(error))
        }
    }

    private fun launch() {
        if (closed) return
        if (ready.isDone) ready = CompletableFuture()
        val path = when (val program = locate()) {
            is Program.Found -> program.path
            is Program.Missing -> return fail(State.Missing(program.looked))
            is Program.NotExecutable -> return fail(State.NotExecutable(program.path))
            is Program.Elsewhere -> return fail(State.Elsewhere)
            is Program.InsideProject -> return fail(State.InsideProject(program.path))
        }
        set(State.Starting)
        val listener = Listener()
        val opened = try {
            Connection.open(path, project, listener)
        } catch (error: IOException) {
            return fail(State.NotStarted(path, error.message.orEmpty()))
        }
        listener.connection = opened
        connection = opened
        opened.start()
        opened.peer.request("initialize", introduction(), patience).whenComplete { result, error ->
            later { initialized(opened, path, result, error) }
        }
    }

    private fun initialized(opened: Connection, path: Path, result: JsonElement?, error: Throwable?) {
        if (opened !== connection) return
        when (error) {
            null -> Unit
            is TimeoutException -> return hung(opened)
            // Its end is told to the listener, too.
            is Disconnected -> return
            else -> return refuse(path, error.message.orEmpty())
        }
        val handshake = try {
            Handshake.of(result)
        } catch (wrong: ShapeException) {
            return refuse(path, wrong.message.orEmpty())
        }
        if (!handshake.fits) return refuse(path, "${handshake.name} ${handshake.version}".trim())
        opened.peer.notify("initialized", JsonObject())
        for ((uri, document) in documents) opened.peer.notify("textDocument/didOpen", opened(uri, document.version, document.text))
        set(State.Ready(handshake.version))
        ready.complete(opened)
    }

    private fun refuse(path: Path, found: String) {
        drop()
        fail(State.Incompatible(path, found))
    }

    private fun hung(which: Connection) {
        if (which !== connection) return
        drop()
        fail(State.Hung)
    }

    private fun ended(which: Connection?, why: Exception?) {
        if (which == null || which !== connection) return
        val starting = state is State.Starting
        // Dropping it closes what was not read yet.
        val said = which.said()
        drop()
        if (why is FramingException && starting) {
            return fail(State.Incompatible((locate() as? Program.Found)?.path ?: Path.of(""), why.message.orEmpty()))
        }
        if (ready.isDone) ready = CompletableFuture()
        val wait = backoff.after(System.nanoTime())
        if (wait == null) {
            fail(State.Crashed(said))
            return
        }
        set(State.Restarting(backoff.attempts))
        thread.schedule({ if (connection == null && state is State.Restarting) launch() }, wait.toMillis(), TimeUnit.MILLISECONDS)
    }

    private fun drop() {
        connection?.close()
        connection = null
    }

    private fun fail(state: State) {
        set(state)
        if (ready.isDone) ready = CompletableFuture()
        ready.completeExceptionally(Unavailable(state))
    }

    private fun set(new: State) {
        state = new
        for (listener in listeners) listener.stateChanged(new)
    }

    /** On the server's thread; false when that is gone. */
    private fun later(work: () -> Unit): Boolean = try {
        thread.execute(work)
        true
    } catch (_: RejectedExecutionException) {
        false
    }

    private inner class Listener : PeerListener {
        @Volatile
        var connection: Connection? = null

        override fun notified(method: String, params: JsonObject) {
            for (listener in listeners) listener.notified(method, params)
        }

        /** Nothing that the server could ask is answered with yes. */
        override fun asked(method: String, params: JsonObject): JsonElement =
            if (method == "workspace/applyEdit") json("applied" to false) else JsonNull.INSTANCE

        override fun ended(why: Exception?) {
            later { ended(connection, why) }
        }
    }

    private fun introduction() = json(
        "processId" to ProcessHandle.current().pid(),
        "clientInfo" to json("name" to client),
        "rootUri" to null,
        "workspaceFolders" to JsonArray().apply {
            add(json("uri" to uriOf(project), "name" to (project.fileName?.toString() ?: "/")))
        },
        "capabilities" to json("general" to json("positionEncodings" to JsonArray().apply { add("utf-16") })),
    )

    private fun opened(uri: String, version: Int, text: String) =
        json("textDocument" to json("uri" to uri, "languageId" to "jsonc", "version" to version, "text" to text))

    private fun changed(uri: String, version: Int, text: String) = json(
        "textDocument" to json("uri" to uri, "version" to version),
        "contentChanges" to JsonArray().apply { add(json("text" to text)) },
    )

    public companion object {
        /** The `file:` URI of a path, without a slash at its end. */
        public fun uriOf(path: Path): String = path.toUri().toString().let { if (it == "file:///") it else it.trimEnd('/') }

        private fun cause(error: Throwable): Throwable = if (error is CompletionException) error.cause ?: error else error
    }
}

internal fun json(vararg members: Pair<String, Any?>): JsonObject = JsonObject().apply {
    for ((name, value) in members) {
        when (value) {
            null -> add(name, JsonNull.INSTANCE)
            is JsonElement -> add(name, value)
            is Number -> addProperty(name, value)
            is Boolean -> addProperty(name, value)
            else -> addProperty(name, value.toString())
        }
    }
}
