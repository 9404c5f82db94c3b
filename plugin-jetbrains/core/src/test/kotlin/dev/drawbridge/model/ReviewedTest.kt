package dev.drawbridge.model

import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.Drift
import dev.drawbridge.protocol.Inside
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.Shown
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ReviewedTest {
    private fun drift(file: String, digest: String, kind: String = "changed") = Drift(file, digest, kind, emptyList(), "1", "2")

    private val tasks = drift(".vscode/tasks.json", "d1")
    private val settings = drift("/root/.vscode-server/data/Machine/settings.json", "d2", "added")
    private val both = Reviewed(Review(true, listOf(tasks)), Inside(true, listOf(settings)))

    @Test
    fun `what differs is of the folder and of the container, and nothing before the first review`() {
        assertEquals(listOf(tasks, settings), both.differences)
        assertEquals(listOf(false, true), both.differences.map { it.isInside })
        assertEquals(emptyList<Drift>(), Reviewed(Review(false, emptyList()), both.container).differences)
        assertEquals(emptyList<Drift>(), Reviewed(null, both.container).differences)
        assertEquals(listOf(tasks), Reviewed(both.review, Inside(false, emptyList())).differences)
        assertTrue(tasks.hasText)
        assertFalse(tasks.copy(before = null, after = null).hasText)
    }

    @Test
    fun `what is marked as reviewed is what was shown`() {
        assertEquals(AcceptRequest(listOf(Shown(tasks.file, "d1"), Shown(settings.file, "d2"))), both.acceptance())
        assertEquals(AcceptRequest(listOf(Shown(settings.file, "d2"))), Reviewed.acceptance(settings))
        assertEquals(AcceptRequest(null, container = true), Reviewed(Review(false, emptyList()), null).acceptance())
        val unknown = Reviewed(Review(true, listOf(tasks)), Inside(false, emptyList()))
        assertEquals(AcceptRequest(listOf(Shown(tasks.file, "d1")), container = true), unknown.acceptance())
        assertEquals("""{"shown":[{"file":".vscode/tasks.json","digest":"d1"}],"container":true}""", unknown.acceptance().json().toString())
        assertEquals("""{"container":true}""", AcceptRequest(null, container = true).json().toString())
    }

    @Test
    fun `what was asked for and is not reviewed is said`() {
        val request = both.acceptance()
        assertNull(Reviewed.left(request, Review(true, emptyList(), Inside(true, emptyList()))))
        assertEquals(
            "Not reviewed: .vscode/tasks.json, it changed again meanwhile or cannot be read",
            Reviewed.left(request, Review(true, listOf(tasks.copy(digest = "d3")), Inside(true, emptyList()))),
        )
        assertEquals(
            "Not reviewed: .vscode/tasks.json and 1 more, it changed again meanwhile or cannot be read",
            Reviewed.left(request, Review(true, listOf(tasks), Inside(true, listOf(settings)))),
        )
        assertEquals(
            "Not reviewed: ${settings.file}, the container cannot be looked into now",
            Reviewed.left(request, Review(true, emptyList())),
        )
        assertNull(Reviewed.left(AcceptRequest(null, container = true), Review(true, emptyList())))
        assertNull(Reviewed.left(Reviewed.acceptance(tasks), Review(true, listOf(drift("other", "d")))), "nobody asked for that one")
    }

    @Test
    fun `each difference is told once, and again when it changed or came back`() {
        val notices = Notices()
        val first = notices.drift(both)!!
        assertEquals(".vscode/tasks.json and 1 more file. Look before you reopen the container", first.text)
        assertEquals(both.acceptance(), first.acceptance)
        assertNull(notices.drift(both))
        val changed = both.copy(container = Inside(true, listOf(settings.copy(digest = "d3"))))
        val second = notices.drift(changed)!!
        assertEquals("${settings.file} in the container and 1 more file. Look before you reopen the container", second.text)
        assertEquals(changed.acceptance(), second.acceptance, "all that is not reviewed, as it is shown now")
        assertNull(notices.drift(changed.copy(review = null)), "no answer is no news")
        assertNull(notices.drift(changed))
        assertNull(notices.drift(changed.copy(container = null)))
        assertNotNull(notices.drift(changed), "it came back")
    }

    @Test
    fun `what is gone from a container is shown and no news`() {
        val gone = Reviewed(Review(true, emptyList()), Inside(true, listOf(settings.copy(kind = "removed"))))
        assertNull(Notices().drift(gone))
        assertEquals(1, gone.differences.size)
    }
}
