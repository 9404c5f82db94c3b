package dev.drawbridge

import java.nio.file.Files
import java.nio.file.Path

/** Programs of the tests: `main` functions of this module, started by a shell script as a process of their own. */
object Child {
    /** A script that becomes [main], or with [stays] has it as a child and keeps its own name. */
    fun script(file: Path, main: Class<*>, vararg arguments: String, stays: Boolean = false): Path {
        val java = Path.of(System.getProperty("java.home"), "bin/java").toString()
        val options = listOf("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true")
        val words = listOf(java) + options + listOf("-cp", System.getProperty("java.class.path"), main.name) + arguments
        val command = words.joinToString(" ") { "'$it'" }
        Files.writeString(file, if (stays) "#!/bin/sh\n$command\nexit $?\n" else "#!/bin/sh\nexec $command\n")
        check(file.toFile().setExecutable(true))
        return file
    }
}
