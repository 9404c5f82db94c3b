package dev.drawbridge.server

import com.google.gson.JsonObject
import dev.drawbridge.Text
import dev.drawbridge.protocol.Failure
import dev.drawbridge.protocol.ShapeException
import dev.drawbridge.rpc.RequestFailed
import dev.drawbridge.text.Foreign
import java.util.concurrent.CompletionException
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeoutException

/** What went wrong with a request, for people. */
public object Problems {
    /** The server's own words where there are some. */
    public fun of(error: Throwable): Failure {
        val cause = if (error is CompletionException || error is ExecutionException) error.cause ?: error else error
        return when (cause) {
            is RequestFailed -> said(cause)
            is Unavailable -> StateText.of(cause.state).let { Failure("unavailable", it.title, it.text) }
            is TimeoutException -> Failure("late", Text.of("failure.late"), null)
            else -> Failure("unknown", Text.of("failure.unknown", cause.javaClass.simpleName), null)
        }
    }

    /** The failure as one or two sentences. */
    public fun text(error: Throwable): String = of(error).let { failure ->
        listOfNotNull(failure.message, failure.hint?.takeIf { it.isNotBlank() }).joinToString(". ") { Foreign.line(it, LONGEST) }
    }

    private fun said(error: RequestFailed): Failure {
        val data = error.data as? JsonObject
        return try {
            if (data == null) Failure("unknown", error.message.orEmpty(), null) else Failure.of(data)
        } catch (_: ShapeException) {
            Failure("unknown", error.message.orEmpty(), null)
        }
    }

    private const val LONGEST = 400
}
