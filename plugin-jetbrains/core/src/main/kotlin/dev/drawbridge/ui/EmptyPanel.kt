package dev.drawbridge.ui

import java.awt.Component
import java.awt.Font
import java.awt.GridBagLayout
import javax.swing.BorderFactory
import javax.swing.Box
import javax.swing.BoxLayout
import javax.swing.JButton
import javax.swing.JLabel
import javax.swing.JPanel

/** What a view shows in place of rows: a reason and a way on. */
internal class EmptyPanel(private val actions: PanelActions) : JPanel(GridBagLayout()) {
    private var shown: Pair<Empty, Boolean>? = null

    fun show(empty: Empty, trusted: Boolean) {
        // A button that is about to be pressed stays.
        if (shown?.first?.title == empty.title && shown?.first?.text == empty.text && shown?.second == trusted) return
        shown = empty to trusted
        removeAll()
        val column = JPanel().apply {
            layout = BoxLayout(this, BoxLayout.Y_AXIS)
            border = BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP)
        }
        val title = JLabel(empty.title).apply {
            putClientProperty("html.disable", true)
            font = Look.font.deriveFont(Font.BOLD)
        }
        val text = Paragraph(empty.text, WIDTH_OF_TEXT).apply { border = BorderFactory.createEmptyBorder(HALF, 0, HALF, 0) }
        val buttons = JPanel().apply { layout = BoxLayout(this, BoxLayout.X_AXIS) }
        for (act in empty.acts.filter { trusted || !it.needsTrust }) {
            buttons.add(JButton(act.label).apply { addActionListener { act.run(actions) } })
            buttons.add(Box.createHorizontalStrut(HALF))
        }
        for (part in listOf(title, text, buttons)) {
            part.alignmentX = Component.LEFT_ALIGNMENT
            column.add(part)
        }
        add(column)
        revalidate()
        repaint()
    }

    private companion object {
        const val GAP = 16
        const val HALF = 8
        const val WIDTH_OF_TEXT = 420
    }
}
