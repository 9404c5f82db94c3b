package dev.drawbridge.ui

import dev.drawbridge.Text
import java.awt.GridBagConstraints
import java.awt.GridBagLayout
import java.awt.Insets
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.event.DocumentEvent
import javax.swing.event.DocumentListener
import javax.swing.text.JTextComponent

/**
 * Asks which host, and for how long. Whether a rule is one is the program's to say; here only what can be no rule at all is refused.
 *
 * [known] are rules that the gate proposed, the first shown.
 */
public class AllowHostForm(rule: String, known: List<String>) : Form(GridBagLayout()) {
    private val host = JComboBox(known.distinct().toTypedArray()).apply {
        isEditable = true
        selectedItem = rule.ifEmpty { known.firstOrNull().orEmpty() }
        accessibleContext.accessibleName = Text.of("allow.host")
    }
    private val term = JComboBox(Term.entries.toTypedArray()).apply {
        selectedItem = Term.TWO_HOURS
        accessibleContext.accessibleName = Text.of("allow.term")
    }
    private val problem = ProblemLine()
    private val typed: JTextComponent get() = host.editor.editorComponent as JTextComponent
    private var touched = false

    /** Called when what is typed may be right or wrong now. */
    public var onChange: () -> Unit = {}

    init {
        row(0, Text.of("allow.host"), host)
        row(1, Text.of("allow.term"), term)
        add(problem, at(1, 2))
        typed.document.addDocumentListener(
            object : DocumentListener {
                override fun insertUpdate(event: DocumentEvent) = changed()

                override fun removeUpdate(event: DocumentEvent) = changed()

                override fun changedUpdate(event: DocumentEvent) = changed()
            },
        )
        judge()
    }

    override val preferred: JComponent get() = typed

    /** What is typed, without the space around it. */
    public val rule: String get() = typed.text.trim()

    public fun type(text: String) {
        typed.text = text
    }

    override fun fault(): String? = when {
        rule.isEmpty() -> Text.of("allow.empty")
        rule.any { it.isISOControl() } -> Text.of("allow.control")
        rule.length > LONGEST -> Text.of("allow.long", LONGEST)
        else -> null
    }

    /** What the program said about it. */
    public fun refuse(text: String) {
        touched = true
        problem.say(text, wrong = true)
    }

    /** What is asked for; null while there is a [fault]. */
    public fun request(): AllowHost? = if (fault() == null) AllowHost(rule, (term.selectedItem as Term).seconds) else null

    private fun changed() {
        touched = true
        judge()
        onChange()
    }

    private fun judge() {
        val wrong = fault()?.takeIf { touched }
        problem.say(wrong ?: Text.of("allow.hint"), wrong != null)
        typed.putClientProperty("JComponent.outline", if (wrong == null) null else "error")
    }

    private fun row(index: Int, text: String, input: JComponent) {
        val mnemonic = text.indexOf(Text.of("allow.mnemonic.$index")).coerceAtLeast(0)
        add(
            JLabel(text).apply {
                labelFor = input
                displayedMnemonic = text[mnemonic].uppercaseChar().code
                displayedMnemonicIndex = mnemonic
            },
            at(0, index),
        )
        add(input, at(1, index))
    }

    private fun at(x: Int, y: Int) = GridBagConstraints().apply {
        gridx = x
        gridy = y
        weightx = x.toDouble()
        anchor = GridBagConstraints.LINE_START
        fill = if (x == 1) GridBagConstraints.HORIZONTAL else GridBagConstraints.NONE
        insets = Insets(GAP, GAP, GAP, GAP)
    }

    private companion object {
        const val GAP = 4
        const val LONGEST = 1_000
    }
}
