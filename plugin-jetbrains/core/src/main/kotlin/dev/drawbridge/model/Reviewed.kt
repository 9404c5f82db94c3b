package dev.drawbridge.model

import dev.drawbridge.Text
import dev.drawbridge.protocol.AcceptRequest
import dev.drawbridge.protocol.Drift
import dev.drawbridge.protocol.Inside
import dev.drawbridge.protocol.Review
import dev.drawbridge.protocol.Shown
import dev.drawbridge.text.Foreign

/** Whether the file is one of the container's. */
public val Drift.isInside: Boolean get() = isInside(file)

/** Whether there is something for the diff; extensions have no texts. */
public val Drift.hasText: Boolean get() = before != null || after != null

private fun isInside(file: String) = file.startsWith("/")

/** What changed behind the developer's back since the last review, in the folder and in its running container. */
public data class Reviewed(
    val review: Review?,
    /** As the last look into the container saw it; it stays unreviewed when the container stops. */
    val container: Inside?,
) {
    /** Everything that differs, files of the folder first. Before the first review everything would. */
    public val differences: List<Drift>
        get() = if (review?.known != true) emptyList() else review.drift + container?.takeIf { it.known }?.drift.orEmpty()

    /** For all there is: each difference as it is shown, and for good what nobody has looked at yet. */
    public fun acceptance(): AcceptRequest = when {
        review?.known != true -> AcceptRequest(null, container = true)
        else -> AcceptRequest(differences.map { Shown(it.file, it.digest) }, container = container?.known == false)
    }

    public companion object {
        /** For one difference, as it is shown. */
        public fun acceptance(drift: Drift): AcceptRequest = AcceptRequest(listOf(Shown(drift.file, drift.digest)))

        /** Why not everything that was asked for is reviewed now; null when it is. */
        public fun left(request: AcceptRequest, answer: Review): String? {
            val unseen = { file: String -> isInside(file) && answer.container == null }
            val differs = Reviewed(answer, answer.container).differences.map { it.file }.toSet()
            val left = request.shown.orEmpty().map { it.file }.filter { it in differs || unseen(it) }
            val first = left.firstOrNull() ?: return null
            val why = if (unseen(first)) "drift.left.unseen" else "drift.left.changed"
            return Text.of("drift.left", Foreign.line(first), left.size - 1, Text.of(why))
        }
    }
}
