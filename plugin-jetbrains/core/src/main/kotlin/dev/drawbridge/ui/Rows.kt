package dev.drawbridge.ui

import dev.drawbridge.Text
import dev.drawbridge.model.Known
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Channel
import dev.drawbridge.protocol.ChannelFinding
import dev.drawbridge.protocol.Elsewhere
import dev.drawbridge.protocol.Finding
import dev.drawbridge.protocol.Listener
import dev.drawbridge.protocol.PolicyRule
import dev.drawbridge.protocol.Position
import dev.drawbridge.protocol.Range
import dev.drawbridge.protocol.Severity
import dev.drawbridge.server.State
import dev.drawbridge.server.StateText
import dev.drawbridge.server.WayOn
import dev.drawbridge.text.Foreign

internal const val LONG = 600
private const val SHORT = 60

/** The rows of the three views, and what they show when there is nothing. */
public object Rows {
    /** What changed behind the developer's back, then findings by file, the worst file first. */
    public fun findings(known: Known): List<Row> {
        val check = known.check ?: return emptyList()
        val files = check.problems.groupBy { it.file }.map { (file, problems) ->
            val name = Foreign.line(file)
            Row(
                id = "file:$file",
                label = name,
                detail = Text.of("count.findings", problems.size),
                mark = Mark.FILE,
                spoken = "$name, ${Text.of("count.findings", problems.size)}",
                children = problems.mapIndexed { index, problem -> finding("finding:$file:$index", problem, Text.of("row.line", problem.range.start.line + 1)) },
                acts = listOf(Act(Text.of("act.open"), false) { it.open(file, null) }),
            )
        }
        val elsewhere = group("elsewhere", check.elsewhere.mapIndexed { index, one -> finding("elsewhere:$index", one, one.`class`) }, Mark.OPEN)
        val unseen = group(
            "unseen",
            check.unseen.mapIndexed { index, sentence ->
                val text = Foreign.line(sentence, LONG)
                Row("unseen:$index", Foreign.line(sentence), mark = Mark.UNSEEN, spoken = text, facts = listOf(text))
            },
            Mark.UNSEEN,
            folded = true,
        )
        return DriftRows.of(known.reviewed) + files + elsewhere + unseen
    }

    /** One row for each way between container and host. */
    public fun bridge(known: Known): List<Row> {
        val check = known.check ?: return emptyList()
        return ConfigurationRows.of(known.configurations) +
            check.channels.map { channel(it, if (it.id == "ports") check.listeners else emptyList()) }
    }

    private fun channel(channel: Channel, listeners: List<Listener>): Row {
        val title = channel.title.replaceFirstChar { it.uppercase() }
        val worst = channel.worst
        val found = if (worst == null) Text.of("channel.nothing") else Text.of("channel.findings", channel.findings.size, worst.word)
        val state = if (listeners.isEmpty()) found else Text.of("channel.listeners", found, listeners.size)
        val findings = channel.findings.mapIndexed { index, one -> finding("channel:${channel.id}:$index", one, "${one.severity.word}, ${one.`class`}") }
        return Row(
            id = "channel:${channel.id}",
            label = Foreign.line(title),
            detail = state,
            mark = if (worst == null) Mark.CLOSED else mark(worst),
            spoken = "$title: $state",
            folded = worst == null || worst > Severity.HIGH,
            children = findings + listeners.map(::listener),
            facts = listOf(state) + evidences(channel),
            acts = if (worst == null) emptyList() else listOf(Act(Text.of("act.protect")) { it.protect() }),
        )
    }

    private fun listener(listener: Listener): Row {
        val label = Text.of("listener", Foreign.line(listener.editor, SHORT), Foreign.line(listener.address, SHORT))
        val reach = Text.of(if (listener.local) "listener.local" else "listener.network")
        val spoken = Text.of("listener.spoken", label, reach)
        return Row(
            id = "listener:${listener.editor}:${listener.address}",
            label = label,
            detail = Text.of("listener.detail", reach),
            mark = Mark.OPEN,
            spoken = spoken,
            facts = listOf(spoken, Text.of("listener.text")),
        )
    }

    /** What was blocked, what is denied, what is allowed. */
    public fun policy(known: Known): List<Row> {
        val configurations = ConfigurationRows.of(known.configurations)
        val policy = known.policy?.takeUnless { known.configurations.undecided } ?: return configurations
        val gate = Text.of("gate.${policy.state}")
        if (policy.state == "unprotected") return if (configurations.isEmpty()) emptyList() else configurations + unprotected(gate)
        val file = policy.file
        val gateRow = Row(
            "gate", gate,
            mark = if (policy.state == "running") Mark.CLOSED else Mark.UNSEEN,
            spoken = gate,
            facts = listOf(Text.of("gate.${policy.state}.text")),
            acts = listOfNotNull(
                file?.let { Act(Text.of("act.openPolicy"), false) { actions -> actions.open(it, null) } },
                Act(Text.of("act.allowHost")) { it.allowHost("") },
            ),
        )
        val shown = policy.blocked.take(MOST_BLOCKED)
        val rest = (policy.blocked.size - shown.size).takeIf { it > 0 }?.let {
            Row("blocked:rest", Text.of("row.more", it), mark = Mark.UNSEEN, spoken = Text.of("row.more", it))
        }
        val blocked = Row(
            "blocked", Text.of("row.blocked"), policy.blocked.size.toString(), Mark.DENIED,
            spoken = Text.of("count.blocked", policy.blocked.size),
            children = shown.map(::blocked) + listOfNotNull(rest),
        )
        val (denied, allowed) = policy.rules.partition { it.action == "deny" }
        return configurations + gateRow + blocked +
            group("denied", denied.mapIndexed { index, rule -> rule("denied:$index", rule, Mark.DENIED) }, Mark.DENIED, folded = true) +
            group("allowed", allowed.mapIndexed { index, rule -> rule("allowed:$index", rule, Mark.CLOSED) }, Mark.CLOSED, folded = true)
    }

    private fun unprotected(gate: String) = Row(
        "gate", gate, mark = Mark.OPEN, spoken = gate, facts = listOf(gate, Text.of("empty.unprotected.text")),
        acts = listOf(Act(Text.of("act.protect")) { it.protect() }),
    )

    /** Why [rows] of a view are not shown; null when they are. */
    public fun empty(view: View, known: Known, rows: List<Row>): Empty? {
        val state = known.state
        if (state !is State.Ready && known.check == null || StateText.of(state).ways.isNotEmpty() && state !is State.Stopped) {
            val text = StateText.of(state)
            return Empty(text.title, text.text, text.ways.map(::way))
        }
        known.failure?.let { return Empty(Text.of("empty.failed"), it, listOf(again())) }
        if (view == View.POLICY) {
            if (!known.trusted) return Empty(Text.of("empty.untrusted"), Text.of("empty.untrusted.text"), listOf(Act(Text.of("act.trust"), false) { it.trust() }))
            // Nobody can be asked until one is chosen.
            if (known.configurations.undecided) return null
            if (known.policy == null) return Empty(Text.of("empty.asking"), Text.of("empty.asking.text"), listOf(again()))
            if (known.policy.state == "unprotected" && rows.isEmpty()) {
                return Empty(Text.of("empty.unprotected"), Text.of("empty.unprotected.text"), listOf(Act(Text.of("act.protect")) { it.protect() }))
            }
        }
        if (rows.isNotEmpty()) return null
        if (known.check == null) return Empty(Text.of("empty.asking"), Text.of("empty.asking.text"), listOf(again()))
        return Empty(Text.of("empty.${view.name.lowercase()}"), Text.of("empty.${view.name.lowercase()}.text"), listOf(again()))
    }

    private fun again() = Act(Text.of("act.audit"), false) { it.audit() }

    private fun way(way: WayOn) = when (way) {
        WayOn.RESTART -> Act(Text.of("way.restart"), false) { it.restart() }
        WayOn.SETTINGS -> Act(Text.of("way.settings"), false) { it.settings() }
    }

    private fun evidences(channel: Channel): List<String> = channel.findings.map { "• ${Foreign.line(it.message, LONG)}" }

    private fun finding(id: String, finding: Finding, detail: String): Row {
        val message = Foreign.line(finding.message, LONG)
        val file = finding.file
        val evidence = when (finding) {
            is ChannelFinding -> finding.evidence
            is Elsewhere -> finding.evidence
            else -> ""
        }
        val where = file?.let { Text.of("fact.where", Foreign.line(it), (finding.range?.start?.line ?: 0) + 1) }
        val how = Text.of("fact.how", finding.severity.word, Text.of("class.${finding.`class`}"), Foreign.line(finding.code), Foreign.line(finding.rule))
        return Row(
            id = "$id:${finding.rule}",
            label = Foreign.line(finding.message),
            detail = Foreign.line(detail),
            mark = mark(finding.severity),
            spoken = "${finding.severity.word}: $message, ${where ?: Text.of("class.${finding.`class`}")}",
            facts = listOfNotNull(message, where, Foreign.line(evidence, LONG).takeIf { it.isNotBlank() && it != message && file == null }, how),
            acts = listOfNotNull(file?.let { Act(Text.of("act.open"), false) { actions -> actions.open(it, finding.range) } }),
            finding = finding,
        )
    }

    private fun blocked(blocked: Blocked): Row {
        val host = Foreign.line(blocked.host)
        val label = if (blocked.port == null || blocked.port == HTTPS) host else "$host:${blocked.port}"
        val times = Text.of("count.times", blocked.count)
        val detail = blocked.process?.let { Text.of("row.by", times, Foreign.line(it, SHORT)) } ?: times
        val request = blocked.method?.let { "${Foreign.line(it, SHORT)} ${Foreign.line(blocked.path.orEmpty())}" }
        val rule = blocked.rule
        return Row(
            id = "blocked:${blocked.host}:${blocked.port}:${blocked.method}:${blocked.path}",
            label = label,
            detail = detail,
            mark = Mark.DENIED,
            spoken = Text.of("spoken.blocked", label, detail),
            facts = listOfNotNull(label, request, Foreign.line(blocked.why, LONG), blocked.cause?.let { Text.of("fact.cause", Foreign.line(it)) }),
            acts = if (rule == null) emptyList() else Term.entries.map { term -> Act(Text.of("act.allow.${term.name}")) { it.allow(AllowHost(rule, term.seconds)) } } +
                Act(Text.of("act.deny")) { it.deny(blocked.host) },
        )
    }

    private fun rule(id: String, rule: PolicyRule, mark: Mark): Row {
        val text = Foreign.line(rule.text)
        val reason = rule.reason?.let { Foreign.line(it, LONG) }
        val layer = Foreign.line(rule.layer)
        // Only the folder's own file can be opened and changed from here.
        val own = rule.layer == "repository"
        val at = Position(rule.line, 0)
        return Row(
            id = "$id:${rule.text}",
            label = text,
            detail = listOfNotNull(layer, reason).joinToString(", "),
            mark = mark,
            spoken = "$text, $layer",
            facts = listOfNotNull(text, reason, Text.of("fact.where", Foreign.line(rule.file), rule.line + 1)),
            acts = if (!own) emptyList() else listOf(
                Act(Text.of("act.open"), false) { it.open(rule.file, Range(at, at)) },
                Act(Text.of("act.revoke")) { it.revoke(rule.text) },
            ),
        )
    }

    internal fun group(name: String, rows: List<Row>, mark: Mark, folded: Boolean = false): List<Row> {
        if (rows.isEmpty()) return emptyList()
        val label = Text.of("group.$name")
        return listOf(Row(name, label, rows.size.toString(), mark, "$label: ${rows.size}", rows, folded))
    }

    private fun mark(severity: Severity) = Mark.valueOf(severity.name)

    private const val MOST_BLOCKED = 200
    private const val HTTPS = 443
}

/** The tabs of the tool window. */
public enum class View {
    FINDINGS,
    BRIDGE,
    POLICY,
    ;

    public val title: String get() = Text.of("view.$name")

    public fun rows(known: Known): List<Row> = when (this) {
        FINDINGS -> Rows.findings(known)
        BRIDGE -> Rows.bridge(known)
        POLICY -> Rows.policy(known)
    }
}
