package dev.drawbridge.model

import com.google.gson.JsonObject
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Check
import dev.drawbridge.protocol.Feed
import dev.drawbridge.protocol.Plan
import dev.drawbridge.protocol.Policy
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.ShapeException
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Problems
import dev.drawbridge.server.ServerListener
import dev.drawbridge.server.State
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger

/** Everything that is known of a project at one time; null: not asked yet, or no answer. */
public data class Known(
    val state: State = State.Stopped,
    val check: Check? = null,
    val policy: Policy? = null,
    val review: Review? = null,
    /** What `protect` would do, while it is shown. */
    val plan: Plan? = null,
    /** Why the last audit failed, for people. */
    val failure: String? = null,
    /** Whether somebody said that this project may be acted on; without it only files are read. */
    val trusted: Boolean = false,
)

public interface ProjectListener {
    /** Called on a thread of the server. */
    public fun changed(known: Known) {}

    /** The gate denied something just now. */
    public fun blocked(blocked: Blocked) {}
}

/** One project: asks the server, keeps the last answers, tells the panels. No method waits. */
public class Project(public val backend: Backend, private val trusted: () -> Boolean) : AutoCloseable {
    private val listeners = CopyOnWriteArrayList<ProjectListener>()
    private val asked = AtomicInteger()
    private var live: Check? = null
    private var following = false

    @Volatile
    public var known: Known = Known(trusted = trusted())
        private set

    init {
        backend.server.listen(object : ServerListener {
            override fun stateChanged(state: State) {
                if (state !is State.Ready) synchronized(this@Project) { following = false }
                update { it.copy(state = state, trusted = trusted()) }
            }

            override fun notified(method: String, params: JsonObject) {
                if (method == "drawbridge/event") take(params)
            }
        })
    }

    public fun listen(listener: ProjectListener) {
        listeners += listener
    }

    public fun forget(listener: ProjectListener) {
        listeners -= listener
    }

    /** Asks for everything anew. Without trust the container engine is not asked. */
    public fun refresh() {
        check()
        backend.review().whenComplete { review, _ -> update { it.copy(review = review) } }
        if (!trusted()) return
        lookInside()
        askGate()
    }

    /** The files and open texts only. */
    public fun check() {
        val mine = asked.incrementAndGet()
        backend.audit(false).whenComplete { check, error ->
            // An audit of a newer text is under way.
            if (mine != asked.get()) return@whenComplete
            if (error == null) {
                update { it.copy(check = check.with(live), failure = null) }
            } else {
                update { it.copy(check = null, failure = Problems.text(error)) }
            }
        }
    }

    /** Asks for the gate's state, and follows what it denies when it runs. */
    public fun askGate() {
        if (!trusted()) return
        backend.policy().whenComplete { policy, _ ->
            update { it.copy(policy = policy) }
            if (policy?.state == "running") follow()
        }
    }

    public fun setPlan(plan: Plan?) {
        update { it.copy(plan = plan) }
    }

    public fun setReview(review: Review) {
        update { it.copy(review = review) }
    }

    override fun close() {
        listeners.clear()
        backend.server.close()
    }

    private fun lookInside() {
        backend.audit(true).whenComplete { check, error ->
            if (error != null) return@whenComplete
            synchronized(this) { live = check }
            update { known -> known.copy(check = known.check?.with(check) ?: check) }
        }
    }

    private fun follow() {
        synchronized(this) {
            if (following) return
            following = true
        }
        backend.follow().whenComplete { _, error -> if (error != null) synchronized(this) { following = false } }
    }

    private fun take(params: JsonObject) {
        val event = try {
            Feed.of(params["event"])
        } catch (_: ShapeException) {
            return
        }
        when (event) {
            is Feed.Denied -> {
                update { known -> known.copy(policy = known.policy?.with(event.blocked)) }
                for (listener in listeners) listener.blocked(event.blocked)
            }
            is Feed.Ended -> {
                synchronized(this) { following = false }
                askGate()
            }
        }
    }

    private fun update(change: (Known) -> Known) {
        val now = synchronized(this) { change(known).also { known = it } }
        for (listener in listeners) listener.changed(now)
    }
}

/** Findings of files from this one, and what was observed from [live], the last look into the container. */
internal fun Check.with(live: Check?): Check {
    if (live == null) return this
    return copy(
        channels = channels.map { channel ->
            val seen = live.channels.find { it.id == channel.id }?.findings.orEmpty()
            val findings = channel.findings.filter { it.`class` != OBSERVED } + seen.filter { it.`class` == OBSERVED }
            channel.copy(findings = findings.sortedBy { it.severity }, worst = findings.minOfOrNull { it.severity })
        },
    )
}

private const val OBSERVED = "observed"

/** A denial put in its place: the newest first, a known one counts on. */
internal fun Policy.with(event: Blocked): Policy {
    val same = { other: Blocked -> other.host == event.host && other.port == event.port && other.method == event.method && other.path == event.path }
    val before = blocked.find(same)?.count ?: 0
    return copy(blocked = listOf(event.copy(count = before + event.count)) + blocked.filterNot(same).take(MOST_BLOCKED))
}

/** A container can make up hosts without end. */
private const val MOST_BLOCKED = 500
