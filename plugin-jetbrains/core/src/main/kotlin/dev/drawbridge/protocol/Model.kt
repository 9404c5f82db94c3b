/** The shapes of `docs/schemas/protocol.json` that this client reads. Names and meanings are explained there. */
package dev.drawbridge.protocol

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject

/** From 0; [character] counts UTF-16 code units. */
public data class Position(val line: Int, val character: Int) {
    internal fun json() = JsonObject().apply {
        addProperty("line", line)
        addProperty("character", character)
    }

    internal companion object {
        fun of(json: JsonElement?) = json.asShape("a position").run { Position(int("line"), int("character")) }
    }
}

public data class Range(val start: Position, val end: Position) {
    internal fun json() = JsonObject().apply {
        add("start", start.json())
        add("end", end.json())
    }

    internal companion object {
        fun of(json: JsonElement?) = json.asShape("a range").run { Range(Position.of(this["start"]), Position.of(this["end"])) }
    }
}

public data class TextEdit(val range: Range, val newText: String) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("an edit").run { TextEdit(Range.of(this["range"]), text("newText")) }
    }
}

/** The worst first, as the protocol's words. */
public enum class Severity {
    CRITICAL,
    HIGH,
    MEDIUM,
    LOW,
    INFO,
    ;

    public val word: String = name.lowercase()

    internal companion object {
        fun of(word: String): Severity = entries.find { it.word == word } ?: throw ShapeException("no severity")
    }
}

/** Something found; [file] and [range] are null when it has no place in a file of the folder. */
public interface Finding {
    public val severity: Severity
    public val `class`: String
    public val code: String
    public val rule: String
    public val message: String
    public val file: String?
    public val range: Range?
}

public data class Problem(
    override val file: String,
    override val range: Range,
    override val severity: Severity,
    override val `class`: String,
    override val code: String,
    override val rule: String,
    override val message: String,
) : Finding {
    internal companion object {
        fun of(json: JsonObject) = Problem(
            json.text("file"), Range.of(json["range"]), Severity.of(json.text("severity")),
            json.text("class"), json.text("code"), json.text("rule"), json.text("message"),
        )
    }
}

public data class Elsewhere(
    override val severity: Severity,
    override val `class`: String,
    override val code: String,
    override val rule: String,
    override val message: String,
    val evidence: String,
) : Finding {
    override val file: String? get() = null
    override val range: Range? get() = null

    internal companion object {
        fun of(json: JsonObject) = Elsewhere(
            Severity.of(json.text("severity")), json.text("class"), json.text("code"),
            json.text("rule"), json.text("message"), json.text("evidence"),
        )
    }
}

public data class ChannelFinding(
    override val severity: Severity,
    override val `class`: String,
    override val code: String,
    override val rule: String,
    override val message: String,
    val evidence: String,
    override val file: String?,
    override val range: Range?,
    val fix: String?,
) : Finding {
    internal companion object {
        fun of(json: JsonObject) = ChannelFinding(
            Severity.of(json.text("severity")), json.text("class"), json.text("code"), json.text("rule"), json.text("message"),
            json.text("evidence"), json.textOrNull("file"), json.optional("range")?.let(Range::of), json.textOrNull("fix"),
        )
    }
}

public data class Channel(val id: String, val title: String, val worst: Severity?, val findings: List<ChannelFinding>) {
    internal companion object {
        fun of(json: JsonObject) = Channel(
            json.text("id"), json.text("title"), json.textOrNull("worst")?.let(Severity::of), json.list("findings", ChannelFinding::of),
        )
    }
}

public data class Check(
    val problems: List<Problem>,
    val elsewhere: List<Elsewhere>,
    val channels: List<Channel>,
    val unseen: List<String>,
    val ignored: Int,
    val listeners: List<Listener> = emptyList(),
    val container: Inside? = null,
) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the audit").run {
            Check(
                list("problems", Problem::of), list("elsewhere", Elsewhere::of), list("channels", Channel::of),
                texts("unseen"), int("ignored"), list("listeners", Listener::of), optional("container")?.let(Inside::of),
            )
        }
    }
}

/** A port on which an editor, or what it started, listens. */
public data class Listener(val editor: String, val address: String, val local: Boolean) {
    internal companion object {
        fun of(json: JsonObject) = Listener(json.text("editor"), json.text("address"), json.flag("local"))
    }
}

/** One devcontainer.json of a folder; [chosen]: requests are about it. */
public data class Configuration(val file: String, val protected: Boolean, val chosen: Boolean) {
    internal companion object {
        fun of(json: JsonObject) = Configuration(json.text("file"), json.flag("protected"), json.flag("chosen"))

        fun listOf(json: JsonElement?): List<Configuration> = json.asList("the configurations").map { of(it.asShape("a configuration")) }
    }
}

/** [acceptLoss]: codes of what is given up. */
public data class ProtectOptions(val config: String? = null, val ides: List<String>? = null, val acceptLoss: List<String> = emptyList()) {
    internal fun json() = JsonObject().apply {
        config?.let { addProperty("config", it) }
        ides?.let { add("ides", texts(it)) }
        add("acceptLoss", texts(acceptLoss))
    }
}

public data class Change(val file: String, val before: String?, val after: String?) {
    internal companion object {
        fun of(json: JsonObject) = Change(json.text("file"), json.textOrNull("before"), json.textOrNull("after"))
    }
}

public data class ReachableHost(val host: String, val why: String) {
    internal companion object {
        fun of(json: JsonObject) = ReachableHost(json.text("host"), json.text("why"))
    }
}

public data class Plan(
    val digest: String,
    val config: String,
    val changes: List<Change>,
    val notes: List<String>,
    val hosts: List<ReachableHost>,
) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the plan").run {
            Plan(text("digest"), text("config"), list("changes", Change::of), texts("notes"), list("hosts", ReachableHost::of))
        }
    }
}

public data class Applied(val files: List<String>, val verified: Boolean, val open: List<String>, val warnings: List<String>) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the result").run {
            Applied(texts("files"), flag("verified"), texts("open"), texts("warnings"))
        }
    }
}

public data class Undone(val files: List<String>) {
    internal companion object {
        fun of(json: JsonElement?) = Undone(json.asShape("the result").texts("files"))
    }
}

public data class PolicyRule(
    val action: String,
    val text: String,
    val layer: String,
    val file: String,
    val line: Int,
    val reason: String?,
) {
    internal companion object {
        fun of(json: JsonObject) = PolicyRule(
            json.text("action"), json.text("text"), json.text("layer"), json.text("file"), json.int("line"), json.textOrNull("reason"),
        )
    }
}

public data class Blocked(
    val host: String,
    val port: Int?,
    val method: String?,
    val path: String?,
    val process: String?,
    val count: Long,
    val last: Long,
    val why: String,
    val cause: String?,
    val rule: String?,
) {
    internal companion object {
        fun of(json: JsonObject) = Blocked(
            json.text("host"), json.intOrNull("port"), json.textOrNull("method"), json.textOrNull("path"), json.textOrNull("process"),
            json.number("count"), json.number("last"), json.text("why"), json.textOrNull("cause"), json.textOrNull("rule"),
        )
    }
}

public data class Policy(val state: String, val file: String?, val rules: List<PolicyRule>, val blocked: List<Blocked>) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the policy").run {
            Policy(text("state"), textOrNull("file"), list("rules", PolicyRule::of), list("blocked", Blocked::of))
        }
    }
}

/** What `drawbridge/event` tells. */
public sealed interface Feed {
    public data class Denied(val blocked: Blocked) : Feed

    /** Somebody granted a host or took it back, or the policy was read again. */
    public object Changed : Feed

    /** The gate went away. */
    public object Ended : Feed

    public companion object {
        internal fun of(json: JsonElement?): Feed {
            val event = json.asShape("an event")
            return when (event.text("kind")) {
                "blocked" -> Denied(Blocked.of(event.required("blocked").asShape("the denial")))
                "grant", "reload" -> Changed
                "ended" -> Ended
                else -> throw ShapeException("an unknown event")
            }
        }
    }
}

/** [seconds] is how long the gate holds it; null: it is written down. */
public data class AllowRequest(val rule: String, val reason: String, val seconds: Int?) {
    internal fun json() = JsonObject().apply {
        addProperty("rule", rule)
        addProperty("reason", reason)
        seconds?.let { addProperty("seconds", it) }
    }
}

public data class Allowed(val state: String, val files: List<String>, val loosens: List<String>) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the result").run { Allowed(text("state"), texts("files"), texts("loosens")) }
    }
}

/** [digest] names what the file is now. */
public data class Drift(
    val file: String,
    val digest: String,
    val kind: String,
    val what: List<String>,
    val before: String?,
    val after: String?,
) {
    internal companion object {
        fun of(json: JsonObject) = Drift(
            json.text("file"), json.text("digest"), json.text("kind"), json.texts("what"),
            json.textOrNull("before"), json.textOrNull("after"),
        )
    }
}

/** Settings and extensions of the running container, against the baseline. */
public data class Inside(val known: Boolean, val drift: List<Drift>) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the container's state").run { Inside(flag("known"), list("drift", Drift::of)) }
    }
}

public data class Review(val known: Boolean, val drift: List<Drift>, val container: Inside? = null) {
    internal companion object {
        fun of(json: JsonElement?) = json.asShape("the review").run {
            Review(flag("known"), list("drift", Drift::of), optional("container")?.let(Inside::of))
        }
    }
}

/** What somebody looked at: a difference, and the digest of what it was then. */
public data class Shown(val file: String, val digest: String) {
    internal fun json() = JsonObject().apply {
        addProperty("file", file)
        addProperty("digest", digest)
    }
}

/** Only what was [shown] and is still so; null: every file as it is now. [container]: also what is in the container now. */
public data class AcceptRequest(val shown: List<Shown>?, val container: Boolean = false) {
    internal fun json() = JsonObject().apply {
        shown?.let { all -> add("shown", JsonArray().apply { all.forEach { add(it.json()) } }) }
        addProperty("container", container)
    }
}

/** Why a request was not met: a stable code, a message and the next step. */
public data class Failure(val code: String, val message: String, val hint: String?, val losses: List<Loss> = emptyList()) {
    internal companion object {
        fun of(json: JsonObject) =
            Failure(json.text("code"), json.text("message"), json.textOrNull("hint"), json.list("losses", Loss::of))
    }
}

/** Something that cannot be kept when the configuration is protected. */
public data class Loss(val code: String, val what: String, val why: String) {
    internal companion object {
        fun of(json: JsonObject) = Loss(json.text("code"), json.text("what"), json.text("why"))
    }
}
