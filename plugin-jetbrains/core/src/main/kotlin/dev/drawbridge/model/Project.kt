package dev.drawbridge.model

import com.google.gson.JsonObject
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.protocol.Check
import dev.drawbridge.protocol.Feed
import dev.drawbridge.protocol.Inside
import dev.drawbridge.protocol.Plan
import dev.drawbridge.protocol.Policy
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.ShapeException
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Problems
import dev.drawbridge.server.ServerListener
import dev.drawbridge.server.State
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger

/** Everything that is known of a project at one time; null: not asked yet, or no answer. */
public data class Known(
    val state: State = State.Stopped,
    val check: Check? = null,
    val policy: Policy? = null,
    val review: Review? = null,
    /** The running container against the baseline, as the last look into one saw it. */
    val container: Inside? = null,
    val configurations: Configurations = Configurations(),
    /** What `protect` would do, while it is shown. */
    val plan: Plan? = null,
    /** Why the last audit failed, for people. */
    val failure: String? = null,
    /** Whether somebody said that this project may be acted on; without it only files are read. */
    val trusted: Boolean = false,
) {
    public val reviewed: Reviewed get() = Reviewed(review, container)
}

public interface ProjectListener {
    /** Called on a thread of the server. */
    public fun changed(known: Known) {}

    /** The gate denied something just now. */
    public fun blocked(blocked: Blocked) {}
}

/** One project: asks the server, keeps the last answers, tells the panels. No method waits. */
public class Project(public val backend: Backend, private val memory: Memory, private val trusted: () -> Boolean) : AutoCloseable {
    private val listeners = CopyOnWriteArrayList<ProjectListener>()
    private val asked = AtomicInteger()
    private val choice = Choice(backend, memory) { all -> update { it.copy(configurations = all) } }
    private val reviews = Latest { wanted ->
        backend.review().whenComplete { review, _ -> if (wanted()) update { it.copy(review = review) } }
    }
    private val gates = Latest { wanted ->
        choice.settled().thenCompose { backend.policy() }.whenComplete { policy, _ ->
            if (!wanted()) return@whenComplete
            update { it.copy(policy = policy) }
            if (policy?.state == "running") follow()
        }
    }
    private val looks = Latest { wanted ->
        choice.settled().thenCompose { backend.audit(true) }.whenComplete { check, error -> if (error == null && wanted()) saw(check) }
    }
    private var live: Check? = null
    private var following = false

    @Volatile
    public var known: Known = Known(trusted = trusted())
        private set

    init {
        backend.server.listen(object : ServerListener {
            override fun stateChanged(state: State) {
                if (state is State.Ready) {
                    choice.settled()
                } else {
                    choice.forget()
                    synchronized(this@Project) { following = false }
                }
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
        choice.settle()
        reviews.request()
        lookInside()
        askGate()
    }

    /** The running container, which works for about a second. */
    public fun lookInside() {
        if (trusted()) looks.request()
    }

    /** Views and requests are about this one of several from now on; done once the server knows. */
    public fun choose(file: String): CompletableFuture<Unit> {
        memory.configuration = file
        val follows = synchronized(this) {
            live = null
            following.also { following = false }
        }
        update { it.copy(policy = null, container = null, plan = null) }
        // Before anything of the next one is asked for: hosts that one container wanted must not stand in the other's policy.
        if (follows) choice.settle(backend.unfollow())
        refresh()
        return choice.settled()
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

    /** Asks for the gate's state and rules, and follows what it denies when it runs. */
    public fun askGate() {
        if (trusted()) gates.request()
    }

    public fun setPlan(plan: Plan?) {
        update { it.copy(plan = plan) }
    }

    /** The answer to an acceptance. */
    public fun setReview(review: Review) {
        update { it.copy(review = review, container = review.container ?: it.container) }
        // A look that began before would bring back what was accepted.
        reviews.request()
        if (review.container != null) lookInside()
    }

    override fun close() {
        listeners.clear()
        backend.server.close()
    }

    private fun saw(check: Check) {
        synchronized(this) { live = check }
        update { it.copy(check = it.check?.with(check) ?: check, container = check.container ?: it.container) }
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
        // An event of a feed that was ended may have been on its way.
        if (!synchronized(this) { following }) return
        when (event) {
            is Feed.Denied -> {
                update { known -> known.copy(policy = known.policy?.with(event.blocked)) }
                for (listener in listeners) listener.blocked(event.blocked)
            }
            is Feed.Changed -> askGate()
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

/** Findings of files from this one, and what was observed or not looked at from [live], the last look into the container. */
internal fun Check.with(live: Check?): Check {
    if (live == null) return this
    return copy(
        channels = channels.map { channel ->
            val seen = live.channels.find { it.id == channel.id }?.findings.orEmpty()
            val findings = channel.findings.filter { it.`class` != OBSERVED } + seen.filter { it.`class` == OBSERVED }
            channel.copy(findings = findings.sortedBy { it.severity }, worst = findings.minOfOrNull { it.severity })
        },
        unseen = live.unseen,
        listeners = live.listeners,
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
