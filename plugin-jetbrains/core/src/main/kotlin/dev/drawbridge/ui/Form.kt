package dev.drawbridge.ui

import java.awt.Dimension
import java.awt.LayoutManager
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JTextArea

/** A panel that asks for something. */
public abstract class Form(layout: LayoutManager) : JPanel(layout) {
    /** Where the cursor belongs at first. */
    public abstract val preferred: JComponent

    /** The sentence about what is wrong or missing; null when nothing is. */
    public abstract fun fault(): String?
}

/** Text that wraps at [wide] pixels and is only read; what is foreign in it is never markup. */
internal class Paragraph(text: String, private val wide: Int) : JTextArea(text) {
    init {
        isEditable = false
        isFocusable = false
        lineWrap = true
        wrapStyleWord = true
        isOpaque = false
        font = Look.font
        foreground = Look.foreground
        getAccessibleContext().accessibleName = text
    }

    override fun getPreferredSize(): Dimension {
        setSize(wide, Short.MAX_VALUE.toInt())
        return Dimension(wide, super.getPreferredSize().height)
    }

    override fun getMaximumSize(): Dimension = preferredSize
}

/** The line of a form that says what is wrong or missing. */
internal class ProblemLine : JLabel(" ") {
    init {
        putClientProperty("html.disable", true)
        getAccessibleContext().accessibleName = dev.drawbridge.Text.of("form.problem")
    }

    fun say(text: String, wrong: Boolean) {
        foreground = if (wrong) Look.error else Look.weak
        this.text = text
    }
}
