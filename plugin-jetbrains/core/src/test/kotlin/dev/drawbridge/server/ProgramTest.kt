package dev.drawbridge.server

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Files
import java.nio.file.Path

class ProgramTest {
    @TempDir
    lateinit var folder: Path

    private val project: Path get() = folder.resolve("project").also { Files.createDirectories(it) }

    private fun program(path: Path, executable: Boolean = true): Path {
        Files.createDirectories(path.parent)
        Files.writeString(path, "#!/bin/sh\n")
        path.toFile().setExecutable(executable)
        return path
    }

    private fun find(chosen: String = "", plugin: Path? = null, path: String? = null) =
        Locator(chosen, plugin, path, "Linux", "amd64").find(project)

    @Test
    fun `the setting, then the plugin's own, then PATH`() {
        val onPath = program(folder.resolve("bin/drawbridge"))
        assertEquals(Program.Found(onPath), find(path = "${folder.resolve("bin")}"))
        val plugin = folder.resolve("plugin")
        val bundled = program(plugin.resolve("bin/linux-amd64/drawbridge"), executable = false)
        assertEquals(Program.Found(bundled), find(plugin = plugin, path = "${folder.resolve("bin")}"), "made executable")
        val own = program(folder.resolve("own/drawbridge"))
        assertEquals(Program.Found(own), find(chosen = " $own ", plugin = plugin))
        assertInstanceOf(Program.NotExecutable::class.java, find(chosen = "${program(folder.resolve("own/not"), executable = false)}"))
        assertInstanceOf(Program.Missing::class.java, find(chosen = "${folder.resolve("nowhere")}", plugin = plugin), "no silent other")
    }

    @Test
    fun `never what the project brings`() {
        val inside = program(project.resolve("bin/drawbridge"))
        assertInstanceOf(Program.InsideProject::class.java, find(chosen = "$inside"))
        assertInstanceOf(Program.Missing::class.java, find(chosen = "bin/drawbridge"), "relative")
        val link = Files.createSymbolicLink(folder.resolve("link"), inside)
        assertInstanceOf(Program.InsideProject::class.java, find(chosen = "$link"))
        val other = Files.createSymbolicLink(project.resolve("outside"), program(folder.resolve("own/drawbridge")))
        assertInstanceOf(Program.InsideProject::class.java, find(chosen = "$other"), "the project can turn the link")
        val path = listOf("", ".", "bin", "${project.resolve("bin")}", "$project/../project/bin").joinToString(File.pathSeparator)
        assertInstanceOf(Program.Missing::class.java, find(path = path))
        val linked = Files.createSymbolicLink(folder.resolve("linked"), project.resolve("bin"))
        assertInstanceOf(Program.Missing::class.java, find(path = "$linked"))
    }

    @Test
    fun `the environment names no code to load`() {
        val environment = mutableMapOf(
            "LD_PRELOAD" to "x", "LD_LIBRARY_PATH" to "x", "DYLD_INSERT_LIBRARIES" to "x", "BASH_ENV" to "x", "GLIBC_TUNABLES" to "x",
            "HOME" to "/home/a", "DOCKER_HOST" to "unix:///run/docker.sock",
            "PATH" to listOf("/usr/bin", "relative", "", "$project/bin", "/bin").joinToString(File.pathSeparator),
        )
        Environment.clean(environment, project)
        assertEquals(setOf("HOME", "DOCKER_HOST", "PATH"), environment.keys)
        assertEquals(listOf("/usr/bin", "/bin").joinToString(File.pathSeparator), environment["PATH"])
    }

    @Test
    fun `platforms are named as the release names them`() {
        fun name(system: String, architecture: String) = Locator("", null, null, system, architecture).platform()
        assertEquals("linux-arm64", name("Linux", "aarch64"))
        assertEquals("darwin-arm64", name("Mac OS X", "aarch64"))
        assertEquals("windows-amd64", name("Windows 11", "amd64"))
        assertTrue(name("Linux", "riscv64") == "linux-riscv64")
    }
}
