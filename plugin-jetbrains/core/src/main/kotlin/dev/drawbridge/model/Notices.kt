package dev.drawbridge.model

import dev.drawbridge.Text
import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Finding
import dev.drawbridge.protocol.Severity
import dev.drawbridge.text.Foreign

/** What a notification says, and on which view it leads. [acceptance] is what its words are about, not what there is when somebody clicks. */
public data class Notice(val title: String, val text: String, val kind: Kind, val acceptance: AcceptRequest? = null) {
    public enum class Kind { BLOCKED, PORT, DRIFT }
}

/**
 * Decides what is worth a notification: each blocked host, each port on all interfaces and each difference once; a difference again when
 * it changed or came back.
 *
 * A container chooses hosts, so they come at most once in [pause] nanoseconds, and there is an end to them.
 */
public class Notices(private val pause: Long = PAUSE, private val now: () -> Long = System::nanoTime) {
    private val hosts = HashSet<String>()
    private val open = HashSet<String>()
    private val drifted = HashMap<String, String>()
    private var last: Long? = null

    @Synchronized
    public fun blocked(blocked: Blocked): Notice? {
        val time = now()
        if (last.let { it != null && time - it < pause } || !hosts.first(blocked.host)) return null
        last = time
        val host = Foreign.line(blocked.host)
        val process = blocked.process
        val text = if (process == null) host else Text.of("notice.blocked.by", host, Foreign.line(process, SHORT))
        return Notice(Text.of("notice.blocked.title"), text, Notice.Kind.BLOCKED)
    }

    /** About the ports that everybody on the network reaches and that this look saw first. */
    @Synchronized
    public fun ports(known: Known): Notice? {
        val seen = known.check?.channels.orEmpty().filter { it.id == "ports" }.flatMap { it.findings }
        val fresh = seen.filter { it.`class` == "observed" && it.severity <= Severity.HIGH && open.first(key(it)) }
        val first = fresh.firstOrNull()?.let { Foreign.line(it.message, LONG) } ?: return null
        val text = if (fresh.size == 1) first else Text.of("notice.port.more", first, fresh.size - 1)
        return Notice(Text.of("notice.port.title"), text, Notice.Kind.PORT)
    }

    /** About all that is not reviewed, when something of it is new. */
    @Synchronized
    public fun drift(reviewed: Reviewed): Notice? {
        if (reviewed.review == null) return null
        // What is gone from a container is a risk to nobody: a rebuilt one begins without settings and extensions.
        val all = reviewed.differences.filter { !it.isInside || it.kind != "removed" }
        val fresh = all.filter { drifted[it.file] != it.digest }
        drifted.clear()
        all.associateTo(drifted) { it.file to it.digest }
        val first = fresh.firstOrNull() ?: return null
        val where = if (first.isInside) "notice.drift.inside" else "notice.drift.text"
        return Notice(Text.of("notice.drift.title"), Text.of(where, Foreign.line(first.file), all.size - 1), Notice.Kind.DRIFT, reviewed.acceptance())
    }

    private fun key(finding: Finding) = "${finding.rule}:${finding.message}"

    private fun HashSet<String>.first(key: String): Boolean = size < MOST && add(key)

    private companion object {
        const val MOST = 1_000
        const val PAUSE = 30_000_000_000L
        const val SHORT = 60
        const val LONG = 300
    }
}
