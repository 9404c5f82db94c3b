package dev.drawbridge.model

import dev.drawbridge.protocol.Configuration
import dev.drawbridge.server.Backend
import java.util.concurrent.CompletableFuture

/** The dev containers of a folder, as the server knows them. */
public data class Configurations(val all: List<Configuration> = emptyList()) {
    public val several: Boolean get() = all.size > 1

    /** The only one, or the one that somebody chose; null when there are several and nobody did. */
    public val chosen: String? get() = (all.singleOrNull() ?: all.find { it.chosen })?.file

    public val undecided: Boolean get() = several && chosen == null
}

/** Where the choice among several is kept. A project must not make it. */
public interface Memory {
    public var configuration: String?
}

/** Tells the server which configuration is meant, one time after another; [told] hears what there is. */
internal class Choice(private val backend: Backend, private val memory: Memory, private val told: (Configurations) -> Unit) {
    private var last: CompletableFuture<Unit>? = null

    /** The server ended, and the next one knows of no choice. */
    @Synchronized
    fun forget() {
        last = null
    }

    /** Done once the server knows, however it went. */
    @Synchronized
    fun settled(): CompletableFuture<Unit> = last ?: settle()

    /** As [settled], with what is on the disk and in the memory once [before] is done, however it went. */
    @Synchronized
    fun settle(before: CompletableFuture<*> = CompletableFuture.completedFuture(Unit)): CompletableFuture<Unit> =
        (last ?: CompletableFuture.completedFuture(Unit)).thenCombine(before.handle { _, _ -> }) { _, _ -> }.thenCompose { ask() }.also { last = it }

    private fun ask(): CompletableFuture<Unit> = backend.configurations()
        .thenCompose { all -> backend.choose(all.takeIf { it.size > 1 }?.find { it.file == memory.configuration }?.file) }
        .handle { all, error -> if (error == null) told(Configurations(all)) }
}
