package dev.drawbridge.ui

import dev.drawbridge.Text
import dev.drawbridge.protocol.Loss
import dev.drawbridge.text.Foreign
import java.awt.BorderLayout
import java.awt.Component
import java.awt.Dimension
import javax.swing.BorderFactory
import javax.swing.Box
import javax.swing.BoxLayout
import javax.swing.JCheckBox
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JScrollPane

/** What protecting would lose, each to be accepted by its name. There is no box for all of them, and none is ticked at first. */
public class LossesForm(losses: List<Loss>) : Form(BorderLayout(GAP, GAP)) {
    /** Settings that share a code are given up together. */
    private val boxes: List<Pair<List<Loss>, JCheckBox>> = losses.groupBy { it.code }.values.map { it to box(it) }
    private val problem = ProblemLine()

    init {
        border = BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP)
        val column = JPanel().apply { layout = BoxLayout(this, BoxLayout.Y_AXIS) }
        for ((own, box) in boxes) {
            column.add(box)
            column.add(why(own, box))
            column.add(Box.createVerticalStrut(GAP))
            box.addActionListener { judge() }
        }
        add(Paragraph(Text.of("losses.question"), WIDE), BorderLayout.NORTH)
        val scroll = JScrollPane(column).apply {
            border = null
            val wanted = column.preferredSize
            preferredSize = Dimension(wanted.width + BAR, minOf(wanted.height + GAP, TALL))
            verticalScrollBar.unitIncrement = BAR
        }
        add(scroll, BorderLayout.CENTER)
        add(problem, BorderLayout.SOUTH)
        judge()
    }

    override val preferred: JComponent get() = boxes.first().second

    /** Names what is kept. */
    override fun fault(): String? {
        val kept = boxes.filterNot { it.second.isSelected }.map { it.second.text }
        return if (kept.isEmpty()) null else Text.of("losses.kept", Foreign.line(kept.first(), SHORT), kept.size - 1)
    }

    /** The codes of what was accepted; null while there is a [fault]. */
    public fun request(): List<String>? = if (fault() == null) boxes.map { it.first.first().code } else null

    private fun box(own: List<Loss>) = JCheckBox(words(own, LONG_NAME) { it.what }).apply {
        putClientProperty("html.disable", true)
        alignmentX = Component.LEFT_ALIGNMENT
    }

    private fun why(own: List<Loss>, box: JCheckBox): JComponent {
        val words = words(own, LONG_REASON) { it.why }
        box.accessibleContext.accessibleDescription = words
        return Paragraph(words, WIDE - INDENT).apply {
            alignmentX = Component.LEFT_ALIGNMENT
            foreground = Look.weak
            border = BorderFactory.createEmptyBorder(0, INDENT, 0, 0)
        }
    }

    private fun words(own: List<Loss>, longest: Int, of: (Loss) -> String) = own.map { Foreign.line(of(it), longest) }.distinct().joinToString("; ")

    private fun judge() {
        problem.say(fault() ?: Text.of("losses.all"), wrong = false)
    }

    private companion object {
        const val GAP = 6
        const val INDENT = 24
        const val BAR = 16
        const val WIDE = 520
        const val TALL = 320
        const val SHORT = 80
        const val LONG_NAME = 120
        const val LONG_REASON = 300
    }
}
