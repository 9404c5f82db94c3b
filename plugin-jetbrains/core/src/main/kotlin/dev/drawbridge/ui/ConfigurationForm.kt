package dev.drawbridge.ui

import dev.drawbridge.Text
import dev.drawbridge.protocol.Configuration
import dev.drawbridge.text.Foreign
import java.awt.BorderLayout
import java.awt.Component
import javax.swing.BorderFactory
import javax.swing.DefaultListCellRenderer
import javax.swing.JComponent
import javax.swing.JList
import javax.swing.JScrollPane
import javax.swing.ListSelectionModel

/** Asks which of several configurations is meant. None is selected before somebody chose one. */
public class ConfigurationForm(private val all: List<Configuration>) : Form(BorderLayout(GAP, GAP)) {
    private val list = JList(all.map(::line).toTypedArray()).apply {
        selectionMode = ListSelectionModel.SINGLE_SELECTION
        cellRenderer = Plain()
        visibleRowCount = ROWS
        accessibleContext.accessibleName = Text.of("configuration.choose")
        selectedIndex = all.indexOfFirst { it.chosen }
    }

    init {
        border = BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP)
        add(Paragraph(Text.of("configuration.question"), WIDE), BorderLayout.NORTH)
        add(JScrollPane(list), BorderLayout.CENTER)
    }

    override val preferred: JComponent get() = list

    override fun fault(): String? = if (request() == null) Text.of("configuration.none") else null

    /** The one that is selected. */
    public fun request(): String? = all.getOrNull(list.selectedIndex)?.file

    private fun line(configuration: Configuration): String {
        val gate = Text.of(if (configuration.protected) "configuration.protected" else "configuration.open")
        val state = if (configuration.chosen) "$gate, ${Text.of("configuration.shown")}" else gate
        return Text.of("configuration.line", Foreign.line(configuration.file), state)
    }

    /** A file's name is no markup. */
    private class Plain : DefaultListCellRenderer() {
        override fun getListCellRendererComponent(list: JList<*>?, value: Any?, index: Int, selected: Boolean, focused: Boolean): Component {
            putClientProperty("html.disable", true)
            return super.getListCellRendererComponent(list, value, index, selected, focused)
        }
    }

    private companion object {
        const val GAP = 6
        const val ROWS = 6
        const val WIDE = 480
    }
}
