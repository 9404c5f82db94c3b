package dev.drawbridge.server

import java.time.Duration

/** When to start a server anew that ended by itself: 0.5, 1, 2, 4, 8 s later, at most five times in three minutes. */
public class Backoff(
    private val first: Duration = Duration.ofMillis(500),
    private val most: Int = 5,
    private val window: Duration = Duration.ofMinutes(3),
) {
    private val ends = ArrayDeque<Long>()

    /** Starts in the window so far. */
    public val attempts: Int get() = ends.size

    /** How long to wait after an end at [now] (nanoseconds of a steady clock); null: not again. */
    public fun after(now: Long): Duration? {
        while (ends.isNotEmpty() && now - ends.first() > window.toNanos()) ends.removeFirst()
        if (ends.size >= most) return null
        val wait = first.multipliedBy(1L shl ends.size)
        ends.addLast(now)
        return wait
    }

    /** Somebody asked for a new start: what was before does not count. */
    public fun reset() {
        ends.clear()
    }
}
