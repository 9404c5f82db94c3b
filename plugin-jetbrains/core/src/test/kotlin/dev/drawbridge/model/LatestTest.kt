package dev.drawbridge.model

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture

class LatestTest {
    private val asked = mutableListOf<Pair<CompletableFuture<Unit>, () -> Boolean>>()
    private val latest = Latest { wanted -> CompletableFuture<Unit>().also { asked += it to wanted } }

    @Test
    fun `one runs at a time, and one more for all that asked meanwhile`() {
        latest.request()
        assertTrue(asked.single().second())
        repeat(3) { latest.request() }
        assertEquals(1, asked.size)
        assertFalse(asked.single().second(), "an answer to a question from before")
        asked[0].first.complete(Unit)
        assertEquals(2, asked.size)
        assertTrue(asked[1].second())
        asked[1].first.completeExceptionally(IllegalStateException())
        assertEquals(2, asked.size)
        latest.request()
        assertEquals(3, asked.size, "a failure is an end, too")
    }
}
