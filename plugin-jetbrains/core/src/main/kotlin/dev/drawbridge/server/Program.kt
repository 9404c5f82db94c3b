package dev.drawbridge.server

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermission

/** Where the program is, or why there is none to start. */
public sealed interface Program {
    public data class Found(val path: Path) : Program

    /** Nothing at any place; [looked] are those, in order. */
    public data class Missing(val looked: List<String>) : Program

    public data class NotExecutable(val path: Path) : Program

    /** The project, or this IDE itself, is in a container: from there nothing on the host may be steered. */
    public object Elsewhere : Program

    /** The chosen file could be one that the project brought. */
    public data class InsideProject(val path: Path) : Program
}

/**
 * Looks for the program: the setting, the copy inside the plugin, `PATH`.
 *
 * Never in the project, which is hostile input: neither directly, nor by a relative entry of `PATH`, nor by a link.
 */
public class Locator(
    /** The setting; blank stands for none. Belongs to the user, not to a project. */
    private val chosen: String,
    /** The plugin's folder, with `bin/OS-ARCH/drawbridge`. */
    private val plugin: Path?,
    private val path: String?,
    private val system: String = System.getProperty("os.name"),
    private val architecture: String = System.getProperty("os.arch"),
    /** Whether this IDE runs in a container. */
    private val contained: Boolean = false,
) {
    public fun find(project: Path): Program {
        // How IDEs name folders of a container that they show from the host.
        if (contained || project.toString().startsWith("/docker-")) return Program.Elsewhere
        if (chosen.isNotBlank()) return judge(Path.of(chosen.trim()), project) ?: Program.Missing(listOf(chosen.trim()))
        val bundled = plugin?.resolve("bin")?.resolve(platform())?.resolve(executable())
        if (bundled != null && Files.isRegularFile(bundled)) {
            permit(bundled)
            return judge(bundled, project) ?: Program.Missing(listOf(bundled.toString()))
        }
        val onPath = Environment.directories(path, project).map { Path.of(it).resolve(executable()) }
        val found = onPath.firstNotNullOfOrNull { judge(it, project) as? Program.Found }
        return found ?: Program.Missing(listOfNotNull(bundled?.toString(), "PATH"))
    }

    /** As in the names of the release's archives: `linux-amd64`, `darwin-arm64`, … */
    public fun platform(): String {
        val name = system.lowercase()
        val os = when {
            name.startsWith("mac") || name.startsWith("darwin") -> "darwin"
            name.startsWith("windows") -> "windows"
            else -> "linux"
        }
        val arch = when (architecture) {
            "amd64", "x86_64" -> "amd64"
            "aarch64", "arm64" -> "arm64"
            else -> architecture
        }
        return "$os-$arch"
    }

    private fun executable() = if (platform().startsWith("windows")) "drawbridge.exe" else "drawbridge"

    /** Null when there is no such file. */
    private fun judge(file: Path, project: Path): Program? {
        if (!file.isAbsolute) return Program.Missing(listOf("$file (not an absolute path)"))
        if (!Files.isRegularFile(file)) return null
        val inside = listOf(file.normalize() to project.toAbsolutePath().normalize(), real(file) to real(project))
        if (inside.any { (one, folder) -> one.startsWith(folder) }) return Program.InsideProject(file)
        if (!Files.isExecutable(file)) return Program.NotExecutable(file)
        return Program.Found(file)
    }

    private fun real(path: Path): Path = try {
        path.toRealPath()
    } catch (_: IOException) {
        path.toAbsolutePath().normalize()
    }

    /** Archives of plugins were unpacked without the executable bit by some versions of the IDE. */
    private fun permit(file: Path) {
        if (Files.isExecutable(file)) return
        try {
            val wanted = setOf(PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE)
            Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(file) + wanted)
        } catch (_: IOException) {
            // Then it is not executable, and that is what will be said.
        } catch (_: UnsupportedOperationException) {
            // Windows has no such bit.
        }
    }
}

/** The environment a program on the host gets. */
public object Environment {
    /** Would load or run what somebody else chose. */
    private val prefixes = listOf("LD_", "DYLD_", "MALLOC_", "GCONV_", "GLIBC_", "BASH_FUNC_")
    private val names = setOf("BASH_ENV", "ENV", "SHELLOPTS", "LOCPATH", "NLSPATH", "IFS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "NODE_OPTIONS")

    /** Takes out of [environment] what could change which code runs, and from `PATH` what is relative or in the project. */
    public fun clean(environment: MutableMap<String, String>, project: Path) {
        environment.keys.removeAll { name -> name in names || prefixes.any { name.startsWith(it) } }
        environment.computeIfPresent("PATH") { _, path -> directories(path, project).joinToString(File.pathSeparator) }
    }

    /** The absolute directories of a `PATH` outside the project. */
    public fun directories(path: String?, project: Path): List<String> {
        val outside = project.toAbsolutePath().normalize()
        return path.orEmpty().split(File.pathSeparator).filter { entry ->
            try {
                entry.isNotBlank() && Path.of(entry).isAbsolute && !Path.of(entry).normalize().startsWith(outside)
            } catch (_: java.nio.file.InvalidPathException) {
                false
            }
        }
    }
}
