package dev.drawbridge.ui

import dev.drawbridge.Text
import dev.drawbridge.model.Reviewed
import dev.drawbridge.model.hasText
import dev.drawbridge.model.isInside
import dev.drawbridge.protocol.Drift
import dev.drawbridge.text.Foreign

/** What changed since the last review, and what was never reviewed. What a row accepts is what it shows. */
internal object DriftRows {
    fun of(reviewed: Reviewed): List<Row> {
        val review = reviewed.review ?: return emptyList()
        val all = Act(Text.of("act.acceptAllDrift")) { it.acceptDrift(reviewed.acceptance()) }
        // Nothing before the first baseline: everything would be new.
        if (!review.known) return listOf(unreviewed("unknown", all))
        val drift = Rows.group("drift", reviewed.differences.map(::row), Mark.CHANGED)
            .map { it.copy(acts = listOf(all), facts = listOf(Text.of("drift.text"))) }
        return drift + if (reviewed.container?.known == false) listOf(unreviewed("inside", all)) else emptyList()
    }

    private fun unreviewed(what: String, accept: Act): Row {
        val (label, text) = Text.of("unreviewed.$what") to Text.of("unreviewed.$what.text")
        return Row("drift-$what", label, text, Mark.UNSEEN, "$label: $text", facts = listOf(label, text), acts = listOf(accept))
    }

    private fun row(drift: Drift): Row {
        val file = Foreign.line(drift.file)
        val change = Text.of("drift.${drift.kind}")
        val kind = if (drift.isInside) Text.of("drift.inside", change) else change
        val what = drift.what.map { Foreign.line(it, LONG) }
        return Row(
            id = "drift:${drift.file}",
            label = file,
            detail = kind,
            mark = Mark.CHANGED,
            spoken = (listOf("$file, $kind") + what).joinToString(". "),
            facts = listOf("$file, $kind") + what,
            acts = listOfNotNull(
                Act(Text.of("act.showDrift"), false) { it.showDrift(drift.file) }.takeIf { drift.hasText },
                Act(Text.of("act.acceptDrift")) { it.acceptDrift(Reviewed.acceptance(drift)) },
            ),
        )
    }
}
