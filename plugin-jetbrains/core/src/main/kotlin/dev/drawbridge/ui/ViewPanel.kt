package dev.drawbridge.ui

import dev.drawbridge.model.Known
import java.awt.BorderLayout
import java.awt.CardLayout
import java.awt.Component
import java.awt.event.ActionEvent
import java.awt.event.MouseAdapter
import java.awt.event.MouseEvent
import javax.swing.AbstractAction
import javax.swing.BorderFactory
import javax.swing.JMenuItem
import javax.swing.JPanel
import javax.swing.JPopupMenu
import javax.swing.JScrollPane
import javax.swing.JSplitPane
import javax.swing.JTree
import javax.swing.KeyStroke
import javax.swing.SwingUtilities
import javax.swing.ToolTipManager
import javax.swing.tree.DefaultMutableTreeNode
import javax.swing.tree.DefaultTreeModel
import javax.swing.tree.TreePath
import javax.swing.tree.TreeSelectionModel

/** One tab: a tree with details beside it, or the reason why there is none. Used on the thread of the user interface only. */
public class ViewPanel(
    public val view: View,
    private val actions: PanelActions,
    ui: (Runnable) -> Unit = { SwingUtilities.invokeLater(it) },
    /** The IDE's own tree, which searches as one types. */
    newTree: (DefaultTreeModel) -> JTree = { JTree(it) },
) : JPanel(CardLayout()) {
    private val model = DefaultTreeModel(DefaultMutableTreeNode())

    /** The tree, for the IDE's speed search and for tests. */
    public val tree: JTree = newTree(model)
    private val details = DetailsPanel(actions, ui)
    private val empty = EmptyPanel(actions)
    private val split = JSplitPane(JSplitPane.HORIZONTAL_SPLIT, JScrollPane(tree).apply { border = null }, details)
    private var rows: List<Row> = emptyList()
    private var trusted = false

    /** Rows that were opened or closed by hand; the others are as [Row.folded] says. */
    private val unfolded = HashMap<String, Boolean>()
    private var filling = false

    init {
        tree.apply {
            isRootVisible = false
            showsRootHandles = true
            rowHeight = 0
            cellRenderer = RowRenderer()
            selectionModel.selectionMode = TreeSelectionModel.SINGLE_TREE_SELECTION
            border = BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP)
            accessibleContext.accessibleName = view.title
            toggleClickCount = 0
            addTreeSelectionListener { if (!filling) details.show(selected(), trusted) }
            addTreeExpansionListener(Folding())
            addMouseListener(Mouse())
            bind("ENTER", "open") { first() }
            bind("F4", "source") { first() }
            bind("shift F10", "menu") { menu(null) }
            bind("CONTEXT_MENU", "menu") { menu(null) }
        }
        ToolTipManager.sharedInstance().registerComponent(tree)
        split.apply {
            border = null
            resizeWeight = WEIGHT
            isContinuousLayout = true
        }
        add(JPanel(BorderLayout()).apply { add(split) }, ROWS)
        add(empty, EMPTY)
    }

    /** Shows what is known now; selection and unfolding stay. */
    public fun show(known: Known) {
        val new = view.rows(known)
        val nothing = Rows.empty(view, known, new)
        if (nothing != null) {
            empty.show(nothing, known.trusted)
            (layout as CardLayout).show(this, EMPTY)
            return
        }
        (layout as CardLayout).show(this, ROWS)
        if (new != rows || trusted != known.trusted || model.getChildCount(model.root) == 0) {
            trusted = known.trusted
            rows = new
            fill()
        }
    }

    /** The selected row. */
    public fun selected(): Row? = (tree.selectionPath?.lastPathComponent as? DefaultMutableTreeNode)?.userObject as? Row

    public fun select(id: String) {
        find(id)?.let {
            tree.makeVisible(it)
            tree.selectionPath = it
            // Only up and down: the start of a line says more than its end.
            if (tree.height > 0) tree.getPathBounds(it)?.let { bounds -> tree.scrollRectToVisible(java.awt.Rectangle(0, bounds.y, 1, bounds.height)) }
        }
    }

    /** The first row that holds, opened; for keyboards and links that lead here. */
    public fun selectFirst() {
        if (tree.selectionPath == null && tree.rowCount > 0) tree.setSelectionRow(0)
    }

    private fun fill() {
        val before = selected()?.id
        filling = true
        try {
            val root = DefaultMutableTreeNode()
            for (row in rows) root.add(node(row))
            model.setRoot(root)
            for (path in paths(TreePath(root))) {
                val row = (path.lastPathComponent as DefaultMutableTreeNode).userObject as? Row ?: continue
                if (unfolded[row.id] ?: !row.folded) tree.expandPath(path)
            }
            val again = before?.let(::find) ?: tree.getPathForRow(0)
            tree.selectionPath = again
        } finally {
            filling = false
        }
        details.show(selected(), trusted)
    }

    private fun node(row: Row): DefaultMutableTreeNode = DefaultMutableTreeNode(row).apply { row.children.forEach { add(node(it)) } }

    private fun paths(from: TreePath): Sequence<TreePath> {
        val node = from.lastPathComponent as DefaultMutableTreeNode
        return sequenceOf(from) + node.children().asSequence().flatMap { paths(from.pathByAddingChild(it)) }
    }

    private fun find(id: String): TreePath? = paths(TreePath(model.root)).firstOrNull { path ->
        ((path.lastPathComponent as DefaultMutableTreeNode).userObject as? Row)?.id == id
    }

    private fun first() {
        val row = selected() ?: return
        row.acts.firstOrNull { trusted || !it.needsTrust }?.run?.invoke(actions)
    }

    private fun menu(at: MouseEvent?) {
        val row = selected() ?: return
        val menu = JPopupMenu()
        for (act in row.acts.filter { trusted || !it.needsTrust }) menu.add(JMenuItem(act.label).apply { addActionListener { act.run(actions) } })
        if (menu.componentCount == 0) return
        val bounds = tree.getPathBounds(tree.selectionPath)
        menu.show(tree, at?.x ?: bounds?.x ?: 0, at?.y ?: bounds?.let { it.y + it.height } ?: 0)
    }

    private fun JTree.bind(key: String, name: String, run: () -> Unit) {
        getInputMap(WHEN_FOCUSED).put(KeyStroke.getKeyStroke(key), name)
        actionMap.put(
            name,
            object : AbstractAction() {
                override fun actionPerformed(event: ActionEvent?) = run()
            },
        )
    }

    private inner class Folding : javax.swing.event.TreeExpansionListener {
        override fun treeExpanded(event: javax.swing.event.TreeExpansionEvent) = keep(event.path, true)

        override fun treeCollapsed(event: javax.swing.event.TreeExpansionEvent) = keep(event.path, false)

        private fun keep(path: TreePath, open: Boolean) {
            val row = (path.lastPathComponent as DefaultMutableTreeNode).userObject as? Row
            if (row != null && !filling) unfolded[row.id] = open
        }
    }

    private inner class Mouse : MouseAdapter() {
        override fun mouseClicked(event: MouseEvent) {
            if (event.clickCount == 2 && SwingUtilities.isLeftMouseButton(event) && tree.getPathForLocation(event.x, event.y) != null) first()
        }

        override fun mousePressed(event: MouseEvent) = popup(event)

        override fun mouseReleased(event: MouseEvent) = popup(event)

        private fun popup(event: MouseEvent) {
            if (!event.isPopupTrigger) return
            tree.getPathForLocation(event.x, event.y)?.let { tree.selectionPath = it }
            menu(event)
        }
    }

    private companion object {
        const val ROWS = "rows"
        const val EMPTY = "empty"
        const val GAP = 4
        const val WEIGHT = 0.6
    }
}

/** A sign, the label, and the detail in a weaker colour. */
internal class RowRenderer : javax.swing.tree.TreeCellRenderer {
    private val label = javax.swing.JLabel()
    private val detail = javax.swing.JLabel()
    private val line = Line().apply {
        border = BorderFactory.createEmptyBorder(1, 2, 1, 4)
        add(label, BorderLayout.CENTER)
        add(detail, BorderLayout.EAST)
    }

    init {
        for (part in listOf(label, detail)) part.putClientProperty("html.disable", true)
    }

    override fun getTreeCellRendererComponent(
        tree: JTree, value: Any?, selected: Boolean, expanded: Boolean, leaf: Boolean, row: Int, focused: Boolean,
    ): Component {
        val content = (value as? DefaultMutableTreeNode)?.userObject as? Row
        val key = if (tree.hasFocus()) "Tree.selectionForeground" else "Tree.selectionInactiveForeground"
        val foreground = if (selected) javax.swing.UIManager.getColor(key) else null
        label.font = tree.font
        detail.font = tree.font
        label.text = content?.label.orEmpty()
        label.icon = content?.let { MarkIcon(it.mark) }
        label.foreground = foreground ?: tree.foreground
        detail.text = content?.detail.orEmpty()
        detail.foreground = foreground ?: Look.weak
        line.isOpaque = false
        line.toolTipText = content?.takeIf { it.facts.isNotEmpty() }?.let { "<html>${dev.drawbridge.text.Foreign.html(it.facts.first())}</html>" }
        line.accessibleContext.accessibleName = content?.spoken
        return line
    }

    /** Swing lays out what draws a cell only on a real display. */
    private class Line : JPanel(BorderLayout(GAP, 0)) {
        override fun paint(graphics: java.awt.Graphics) {
            doLayout()
            super.paint(graphics)
        }
    }

    private companion object {
        const val GAP = 8
    }
}
