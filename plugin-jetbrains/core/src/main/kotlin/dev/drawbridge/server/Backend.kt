package dev.drawbridge.server

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.AllowRequest
import dev.drawbridge.protocol.Allowed
import dev.drawbridge.protocol.Applied
import dev.drawbridge.protocol.Check
import dev.drawbridge.protocol.Configuration
import dev.drawbridge.protocol.Plan
import dev.drawbridge.protocol.Policy
import dev.drawbridge.protocol.ProtectOptions
import dev.drawbridge.protocol.QuickFix
import dev.drawbridge.protocol.Range
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.Undone
import java.time.Duration
import java.util.concurrent.CompletableFuture

/** The requests of `docs/protocol.md`, typed. A future fails as in [Server.request], or for an answer of another shape. */
public class Backend(public val server: Server) {
    /** [live]: asks the container engine too. */
    public fun audit(live: Boolean): CompletableFuture<Check> = ask("audit", json("live" to live), if (live) LONG else SHORT, Check::of)

    public fun configurations(): CompletableFuture<List<Configuration>> = ask("configurations", JsonObject(), SHORT, Configuration::listOf)

    /** From now on requests are about this one; with null about the only one, and with several they fail. */
    public fun choose(file: String?): CompletableFuture<List<Configuration>> =
        ask("choose", if (file == null) JsonObject() else json("file" to file), SHORT, Configuration::listOf)

    /** Fails as `refused`, with what it would lose, until `acceptLoss` names each. */
    public fun plan(options: ProtectOptions): CompletableFuture<Plan> = ask("protect", json("options" to options.json()), LONG, Plan::of)

    /** Writes the plan that was shown. */
    public fun apply(options: ProtectOptions, digest: String): CompletableFuture<Applied> =
        ask("apply", json("options" to options.json(), "digest" to digest), LONG, Applied::of)

    public fun undo(): CompletableFuture<Undone> = ask("undo", JsonObject(), LONG, Undone::of)

    public fun policy(): CompletableFuture<Policy> = ask("policy", JsonObject(), LONG, Policy::of)

    public fun allow(request: AllowRequest): CompletableFuture<Allowed> = ask("allow", json("request" to request.json()), LONG, Allowed::of)

    public fun deny(rule: String, reason: String): CompletableFuture<Allowed> =
        ask("deny", json("rule" to rule, "reason" to reason), LONG, Allowed::of)

    public fun revoke(host: String): CompletableFuture<Allowed> = ask("revoke", json("host" to host), LONG, Allowed::of)

    public fun review(): CompletableFuture<Review> = ask("review", JsonObject(), SHORT, Review::of)

    /** What is no longer as it was shown is still in the answer. */
    public fun accept(request: AcceptRequest): CompletableFuture<Review> = ask("accept", request.json(), LONG, Review::of)

    /** Markdown, or null when there is no such rule. */
    public fun explain(rule: String): CompletableFuture<String?> =
        ask("explain", json("rule" to rule), SHORT) { if (it.isJsonNull) null else it.asString }

    /** From now on the listener of the server hears of what the gate denies. */
    public fun follow(): CompletableFuture<Boolean> = ask("follow", JsonObject(), LONG) { it.asBoolean }

    /** The listener hears no more of it; whether there was a feed. */
    public fun unfollow(): CompletableFuture<Boolean> = ask("unfollow", JsonObject(), SHORT) { it.asBoolean }

    /** Quick fixes at a range of a document. */
    public fun fixes(uri: String, range: Range): CompletableFuture<List<QuickFix>> {
        val context = json("diagnostics" to JsonArray(), "only" to JsonArray().apply { add("quickfix") })
        val params = json("textDocument" to json("uri" to uri), "range" to range.json(), "context" to context)
        return server.request("textDocument/codeAction", params, SHORT).thenApply(QuickFix::listOf)
    }

    private fun <T> ask(method: String, params: JsonObject, deadline: Duration, decode: (JsonElement) -> T): CompletableFuture<T> =
        server.request("drawbridge/$method", params, deadline).thenApply(decode)

    private companion object {
        val SHORT: Duration = Duration.ofSeconds(20)

        /** Asks a container engine, or writes. */
        val LONG: Duration = Duration.ofSeconds(90)
    }
}
