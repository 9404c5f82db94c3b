package dev.drawbridge.ui

import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.Finding
import dev.drawbridge.protocol.QuickFix
import dev.drawbridge.protocol.Range
import java.util.concurrent.CompletableFuture

/** What panels ask of the IDE around them. Called on the thread of the user interface; nothing here waits. */
public interface PanelActions {
    public fun open(file: String, range: Range?)

    public fun fixes(finding: Finding): CompletableFuture<List<QuickFix>>

    public fun fix(file: String, fix: QuickFix)

    /** Markdown of a rule. */
    public fun explain(rule: String): CompletableFuture<String?>

    /** Looks again. */
    public fun audit()

    /** Shows what would change, then asks. */
    public fun protect()

    public fun allow(request: AllowHost)

    /** Opens the form, with this rule in it. */
    public fun allowHost(rule: String)

    public fun deny(rule: String)

    public fun revoke(rule: String)

    public fun showDrift(file: String)

    /** Remembers what was shown. */
    public fun acceptDrift(request: AcceptRequest)

    /** Asks which of several configurations views and requests are about. */
    public fun chooseConfiguration()

    public fun restart()

    public fun settings()

    public fun trust()
}

/** What the form asks for: a rule and how long it holds; null: written down for the project. */
public data class AllowHost(val rule: String, val seconds: Int?)
