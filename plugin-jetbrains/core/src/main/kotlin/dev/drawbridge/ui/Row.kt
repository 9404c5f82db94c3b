package dev.drawbridge.ui

import dev.drawbridge.protocol.Finding

/** A sign in front of a row. Each has a shape of its own, since colour never carries meaning alone. */
public enum class Mark { CRITICAL, HIGH, MEDIUM, LOW, INFO, FILE, OPEN, CLOSED, DENIED, CHANGED, UNSEEN }

/** Something that can be done with a row. */
public data class Act(val label: String, val needsTrust: Boolean = true, val run: (PanelActions) -> Unit)

/** A line of a tree, as plain data. Texts are safe to show. */
public data class Row(
    /** Stable between refreshes, so that unfolding and selection stay. */
    val id: String,
    val label: String,
    /** Shown in a weaker colour behind the label. */
    val detail: String = "",
    val mark: Mark,
    /** What a screen reader says. */
    val spoken: String,
    val children: List<Row> = emptyList(),
    /** Closed at first. */
    val folded: Boolean = false,
    /** Paragraphs of the details. */
    val facts: List<String> = emptyList(),
    /** The first is done by Enter and a double click. */
    val acts: List<Act> = emptyList(),
    /** Its page and its fixes are asked for when it is selected. */
    val finding: Finding? = null,
) {
    /** This row and all below it. */
    public fun all(): Sequence<Row> = sequenceOf(this) + children.asSequence().flatMap { it.all() }
}

/** What a view shows in place of rows. */
public data class Empty(val title: String, val text: String, val acts: List<Act> = emptyList())
