package dev.drawbridge.ui

import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.Finding
import dev.drawbridge.protocol.QuickFix
import dev.drawbridge.protocol.Range
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Server
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList

/** Writes down what panels ask for; pages and fixes come from a real server when there is one. */
class Recorder(private val backend: Backend? = null, private val project: Path? = null) : PanelActions {
    val calls = CopyOnWriteArrayList<String>()

    override fun open(file: String, range: Range?) = note("open $file ${range?.start?.line}")

    override fun fixes(finding: Finding): CompletableFuture<List<QuickFix>> =
        backend?.fixes(Server.uriOf(project!!.resolve(finding.file!!)), finding.range!!) ?: CompletableFuture.completedFuture(emptyList())

    override fun fix(file: String, fix: QuickFix) = note("fix $file ${fix.title}")

    override fun explain(rule: String): CompletableFuture<String?> = backend?.explain(rule) ?: CompletableFuture.completedFuture(null)

    override fun audit() = note("audit")

    override fun protect() = note("protect")

    override fun allow(request: AllowHost) = note("allow ${request.rule} ${request.seconds}")

    override fun allowHost(rule: String) = note("allowHost $rule")

    override fun deny(rule: String) = note("deny $rule")

    override fun revoke(rule: String) = note("revoke $rule")

    override fun showDrift(file: String) = note("showDrift $file")

    override fun acceptDrift(request: AcceptRequest) = note("acceptDrift ${request.json()}")

    override fun chooseConfiguration() = note("chooseConfiguration")

    override fun restart() = note("restart")

    override fun settings() = note("settings")

    override fun trust() = note("trust")

    private fun note(call: String) {
        calls += call
    }
}
