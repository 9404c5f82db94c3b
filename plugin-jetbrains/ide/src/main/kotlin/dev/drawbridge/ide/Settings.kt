package dev.drawbridge.ide

import com.intellij.ide.util.PropertiesComponent
import com.intellij.openapi.options.Configurable
import dev.drawbridge.Text
import dev.drawbridge.model.Memory
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Locator
import dev.drawbridge.server.Server
import dev.drawbridge.server.ServerListener
import dev.drawbridge.server.State
import dev.drawbridge.server.StateText
import java.awt.BorderLayout
import java.awt.GridLayout
import java.nio.file.Path
import javax.swing.JButton
import javax.swing.JCheckBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JTextField
import javax.swing.SwingUtilities

/** Kept for the application, never for a project: a project must not choose what is run. */
public object Settings {
    private const val PROGRAM = "dev.drawbridge.program"
    private const val CONFIGURATION = "dev.drawbridge.configuration"
    private const val QUIET = "dev.drawbridge.quiet"

    /** Absolute path of the program; empty for the plugin's own. */
    public var program: String
        get() = PropertiesComponent.getInstance().getValue(PROGRAM).orEmpty()
        set(value) = PropertiesComponent.getInstance().setValue(PROGRAM, value.trim())

    /** Which of the dev containers of [project] was chosen. */
    internal fun memory(project: Path): Memory = object : Memory {
        private val key = "$CONFIGURATION.$project"

        override var configuration: String?
            get() = PropertiesComponent.getInstance().getValue(key)
            set(value) = PropertiesComponent.getInstance().setValue(key, value)
    }

    public var tellsBlocked: Boolean
        get() = PropertiesComponent.getInstance().getValue(QUIET).isNullOrEmpty()
        set(value) = PropertiesComponent.getInstance().setValue(QUIET, if (value) "" else "quiet")
}

/** The page under Tools. */
public class SettingsPage : Configurable {
    private val program = JTextField(40).apply { accessibleContext.accessibleName = Text.of("settings.program") }
    private val tells = JCheckBox(Text.of("settings.notify"))
    private val result = JLabel(Text.of("settings.program.hint")).apply { putClientProperty("html.disable", true) }
    private val test = JButton(Text.of("settings.test")).apply { addActionListener { test() } }

    override fun getDisplayName(): String = Text.of("settings.title")

    override fun createComponent(): JComponent {
        val line = JPanel(BorderLayout(GAP, 0)).apply {
            add(JLabel(Text.of("settings.program")).apply { labelFor = program }, BorderLayout.WEST)
            add(program, BorderLayout.CENTER)
            add(test, BorderLayout.EAST)
        }
        val lines = JPanel(GridLayout(0, 1, 0, GAP)).apply {
            add(line)
            add(result)
            add(tells)
        }
        reset()
        return JPanel(BorderLayout()).apply { add(lines, BorderLayout.NORTH) }
    }

    override fun isModified(): Boolean = program.text.trim() != Settings.program || tells.isSelected != Settings.tellsBlocked

    override fun apply() {
        Settings.program = program.text
        Settings.tellsBlocked = tells.isSelected
    }

    override fun reset() {
        program.text = Settings.program
        tells.isSelected = Settings.tellsBlocked
    }

    /** Starts the named program for a moment and says what it is. */
    private fun test() {
        test.isEnabled = false
        result.text = Text.of("settings.test.running")
        val nowhere = Path.of(System.getProperty("java.io.tmpdir"), "drawbridge-no-project").toAbsolutePath()
        val server = Server(nowhere, "JetBrains settings") { Locator(program.text, null, System.getenv("PATH")).find(nowhere) }
        server.listen(
            object : ServerListener {
                override fun stateChanged(state: State) {
                    if (state is State.Starting || state is State.Stopped || state is State.Restarting) return
                    SwingUtilities.invokeLater {
                        test.isEnabled = true
                        result.text = StateText.of(state).let { if (it.ways.isEmpty()) it.title else it.text }
                    }
                    Backend(server).server.close()
                }
            },
        )
        server.start()
    }

    private companion object {
        const val GAP = 6
    }
}
