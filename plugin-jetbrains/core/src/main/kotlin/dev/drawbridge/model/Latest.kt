package dev.drawbridge.model

import java.util.concurrent.CompletableFuture

/**
 * One question at a time; who asks meanwhile gets one more after it. The argument of [ask] says whether an answer is still wanted:
 * one that was asked for before something changed would bring back what was.
 */
internal class Latest(private val ask: (wanted: () -> Boolean) -> CompletableFuture<*>) {
    private var running = false
    private var again = false

    fun request() {
        synchronized(this) {
            again = running
            if (running) return
            running = true
        }
        run()
    }

    private fun run() {
        ask { synchronized(this) { !again } }.whenComplete { _, _ ->
            val more = synchronized(this) { again.also { running = it; again = false } }
            if (more) run()
        }
    }
}
