package dev.drawbridge.ide

import com.intellij.codeInsight.daemon.DaemonCodeAnalyzer
import com.intellij.ide.impl.TrustedProjects
import com.intellij.ide.plugins.PluginManagerCore
import com.intellij.notification.Notification
import com.intellij.openapi.Disposable
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.extensions.PluginId
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFileManager
import com.intellij.openapi.vfs.newvfs.BulkFileListener
import com.intellij.openapi.vfs.newvfs.events.VFileEvent
import com.intellij.openapi.wm.WindowManager
import com.intellij.ui.EditorNotifications
import dev.drawbridge.model.Known
import dev.drawbridge.model.Notices
import dev.drawbridge.model.ProjectListener
import dev.drawbridge.model.Watched
import dev.drawbridge.protocol.Blocked
import dev.drawbridge.server.Backend
import dev.drawbridge.server.Locator
import dev.drawbridge.server.OpenTexts
import dev.drawbridge.server.Program
import dev.drawbridge.server.Server
import dev.drawbridge.server.State
import java.awt.KeyboardFocusManager
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicReference
import javax.swing.Timer

/** Everything of one project: the server, what is known, what is shown. Ends with the project or the plugin. */
public class DrawbridgeService(private val project: Project) : Disposable {
    /** The project's folder on this machine. */
    public val root: Path = Path.of(project.basePath ?: System.getProperty("java.io.tmpdir")).toAbsolutePath().normalize()

    public val model: dev.drawbridge.model.Project =
        dev.drawbridge.model.Project(Backend(Server(root, CLIENT) { locate() }), Settings.memory(root)) { trusted() }
    public val texts: OpenTexts = OpenTexts(model.backend.server)
    public val actions: IdeActions = IdeActions(project, this)
    private val notices = Notices()

    /** While somebody looks at the IDE: what changes in a container, and a port that opens there, is in no file. */
    private val clock = Timer(LOOK_POLL) {
        if (model.known.state is State.Ready && KeyboardFocusManager.getCurrentKeyboardFocusManager().activeWindow != null) model.lookInside()
    }

    init {
        model.listen(Watcher())
        model.listen(
            onChange {
                WindowManager.getInstance().getStatusBar(project)?.updateWidget(WidgetFactory.ID)
                EditorNotifications.getInstance(project).updateAllNotifications()
            },
        )
        project.messageBus.connect(this).subscribe(
            VirtualFileManager.VFS_CHANGES,
            object : BulkFileListener {
                override fun after(events: List<VFileEvent>) = changed(events.mapNotNull { relative(it.path) })
            },
        )
        // Elsewhere it starts when somebody opens the tool window.
        if (concerned) model.refresh()
        clock.start()
    }

    /** Whether there is something here that could be a dev container; looks at the disk. */
    public val concerned: Boolean
        get() = Files.exists(root.resolve(".devcontainer")) || Files.exists(root.resolve(".devcontainer.json"))

    /** The path below the project's folder, with `/`; null when it is outside. */
    public fun relative(path: String): String? {
        val file = try {
            Path.of(path).normalize()
        } catch (_: java.nio.file.InvalidPathException) {
            return null
        }
        if (!file.isAbsolute || !file.startsWith(root) || file == root) return null
        return root.relativize(file).joinToString("/")
    }

    public fun uri(file: String): String = Server.uriOf(root.resolve(file))

    /** Runs on the thread of the user interface, unless the project was closed by then. */
    public fun onUi(work: () -> Unit) {
        ApplicationManager.getApplication().invokeLater { if (!project.isDisposed) work() }
    }

    /** Runs [work] on the thread of the user interface after a change; changes that come before it ran are shown by the same run. */
    public fun onChange(work: (Known) -> Unit): ProjectListener {
        val waits = AtomicBoolean()
        return object : ProjectListener {
            override fun changed(known: Known) {
                if (!waits.compareAndSet(false, true)) return
                ApplicationManager.getApplication().invokeLater {
                    waits.set(false)
                    if (!project.isDisposed) work(model.known)
                }
            }
        }
    }

    override fun dispose() {
        clock.stop()
        model.close()
    }

    /** An IDE that has moved this question elsewhere has not said yes. */
    private fun trusted() = try {
        TrustedProjects.isTrusted(project)
    } catch (_: LinkageError) {
        false
    }

    private fun changed(files: List<String>) {
        val watched = files.filter(Watched::has)
        if (watched.isEmpty()) return
        for (file in watched) texts.close(uri(file))
        model.refresh()
    }

    private inner class Watcher : ProjectListener {
        /** The one that is open says all there is, so the one before goes. */
        private val open = AtomicReference<Notification>()

        override fun changed(known: Known) {
            notices.ports(known)?.let { Tell.notice(project, it) }
            notices.drift(known.reviewed)?.let { open.getAndSet(Tell.notice(project, it))?.expire() }
            if (known.review != null && known.reviewed.differences.isEmpty()) open.getAndSet(null)?.expire()
        }

        override fun blocked(blocked: Blocked) {
            if (Settings.tellsBlocked) notices.blocked(blocked)?.let { Tell.notice(project, it) }
        }
    }

    private fun locate(): Program {
        val plugin = PluginManagerCore.getPlugin(PluginId.getId(PLUGIN))?.pluginPath
        return Locator(Settings.program, plugin, System.getenv("PATH"), contained = contained()).find(root)
    }

    public companion object {
        /** The plugin's id, as in `plugin.xml`. */
        public const val PLUGIN: String = "dev.drawbridge"
        private const val CLIENT = "JetBrains IDE"

        /** Milliseconds between two looks into the container, each of which works for about a second. */
        private const val LOOK_POLL = 60_000

        public fun of(project: Project): DrawbridgeService = project.getService(DrawbridgeService::class.java)

        /** Marks that Docker and Podman leave. */
        private fun contained() = Files.exists(Path.of("/.dockerenv")) || Files.exists(Path.of("/run/.containerenv"))

        /** Asks for new annotations. */
        internal fun annotateAgain(project: Project) = DaemonCodeAnalyzer.getInstance(project).restart()
    }
}
