package dev.drawbridge.ui

import dev.drawbridge.Text
import dev.drawbridge.protocol.QuickFix
import dev.drawbridge.text.Foreign
import java.awt.BorderLayout
import java.awt.Dimension
import java.awt.FlowLayout
import javax.swing.BorderFactory
import javax.swing.JButton
import javax.swing.JEditorPane
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.text.html.HTMLEditorKit
import javax.swing.text.html.StyleSheet

/** What is known of the selected row, and the buttons for what can be done. */
public class DetailsPanel(private val actions: PanelActions, private val ui: (Runnable) -> Unit) : JPanel(BorderLayout()) {
    private val text = JEditorPane().apply {
        isEditable = false
        border = BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP)
        accessibleContext.accessibleName = Text.of("details")
    }
    private val buttons = JPanel(WrapLayout()).apply { border = BorderFactory.createEmptyBorder(0, GAP - HALF, HALF, HALF) }
    private var row: Row? = null
    private var page: String? = null

    init {
        minimumSize = Dimension(0, 0)
        add(JScrollPane(text).apply { border = null }, BorderLayout.CENTER)
        add(buttons, BorderLayout.SOUTH)
        show(null, trusted = false)
    }

    /** The row's facts at once; its page and fixes when they come, unless another row is shown by then. */
    public fun show(new: Row?, trusted: Boolean) {
        val same = row?.id == new?.id && row?.facts == new?.facts
        row = new
        if (!same) page = null
        render()
        buttons.removeAll()
        new?.acts.orEmpty().filter { trusted || !it.needsTrust }.forEach { act -> add(act.label) { act.run(actions) } }
        buttons.isVisible = buttons.componentCount > 0
        val finding = new?.finding
        if (finding != null) {
            if (page == null) {
                actions.explain(finding.rule).whenComplete { markdown, _ ->
                    later(new) {
                        page = markdown
                        render()
                    }
                }
            }
            val file = finding.file
            if (file != null && trusted) actions.fixes(finding).whenComplete { fixes, _ -> later(new) { offer(file, fixes.orEmpty()) } }
        }
        revalidate()
        repaint()
    }

    override fun updateUI() {
        super.updateUI()
        @Suppress("SENSELESS_COMPARISON") // The constructor of the class above calls this first.
        if (text != null) render()
    }

    private fun later(of: Row, work: () -> Unit) {
        ui { if (row === of) work() }
    }

    private fun offer(file: String, fixes: List<QuickFix>) {
        for (fix in fixes.take(MOST_FIXES)) {
            val title = Foreign.line(fix.title)
            add(if (fix.safe) title else Text.of("act.unsafe", title)) { actions.fix(file, fix) }
        }
        buttons.isVisible = buttons.componentCount > 0
        revalidate()
        repaint()
    }

    private fun add(label: String, run: () -> Unit) {
        buttons.add(
            JButton(label).apply {
                putClientProperty("html.disable", true)
                addActionListener { run() }
            },
        )
    }

    private fun render() {
        text.editorKit = kit()
        text.background = Look.background
        val facts = row?.facts.orEmpty().mapIndexed { index, fact -> Foreign.html(fact).let { if (index == 0) "<p><b>$it</b></p>" else "<p>$it</p>" } }
        val rest = page?.let { "<hr>${Markdown.html(it)}" }.orEmpty()
        val nothing = if (facts.isEmpty()) "<p class=\"weak\">${Foreign.html(Text.of("details.none"))}</p>" else ""
        text.text = "<html><body>$nothing${facts.joinToString("")}$rest</body></html>"
        text.caretPosition = 0
    }

    private fun kit() = object : HTMLEditorKit() {
        private val sheet = StyleSheet().apply {
            addStyleSheet(HTMLEditorKit().styleSheet)
            val font = Look.font
            addRule("body { font-family: '${font.family}'; font-size: ${font.size}pt; color: ${hex(Look.foreground)}; margin: 0 }")
            addRule("p { margin: 0 0 6 0 } h3 { font-size: ${font.size + 1}pt; margin: 8 0 6 0 } ul { margin: 0 0 6 16 } hr { color: ${hex(Look.border)} }")
            addRule("pre, code { font-family: '${Look.code.family}'; font-size: ${font.size}pt } pre { margin: 0 0 8 12 }")
            addRule(".weak { color: ${hex(Look.weak)} }")
        }

        override fun getStyleSheet(): StyleSheet = sheet
    }

    private fun hex(color: java.awt.Color) = "#%06x".format(color.rgb and 0xFFFFFF)

    private companion object {
        const val GAP = 8
        const val HALF = 4
        const val MOST_FIXES = 4
    }
}

/** A flow that asks for the height of all its lines. */
internal class WrapLayout : FlowLayout(LEADING, GAP, GAP) {
    override fun preferredLayoutSize(target: java.awt.Container): Dimension = synchronized(target.treeLock) {
        val width = (target.parent?.width?.takeIf { it > 0 } ?: Int.MAX_VALUE) - target.insets.left - target.insets.right
        var total = vgap
        var x = hgap
        var height = 0
        var widest = 0
        for (part in target.components.filter { it.isVisible }) {
            val size = part.preferredSize
            if (x > hgap && x + size.width + hgap > width) {
                total += height + vgap
                x = hgap
                height = 0
            }
            x += size.width + hgap
            widest = maxOf(widest, x)
            height = maxOf(height, size.height)
        }
        Dimension(widest + target.insets.left + target.insets.right, total + height + vgap + target.insets.top + target.insets.bottom)
    }

    override fun minimumLayoutSize(target: java.awt.Container): Dimension = Dimension(0, preferredLayoutSize(target).height)

    private companion object {
        const val GAP = 4
    }
}
