package dev.drawbridge.server

import com.google.gson.JsonObject
import dev.drawbridge.TestBed
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/** Gates that run in no engine: `engine.sh`, which the other clients are tested with, stands for one. */
class Gates(private val folder: Path) {
    init {
        Files.createDirectories(folder)
        Files.copy(TestBed.root.resolve("crates/node/test/engine.sh"), folder.resolve("docker"))
    }

    /** The program, with this engine in front of every other. */
    fun before(program: Path): Path = folder.resolve("drawbridge").also {
        Files.writeString(it, "#!/bin/sh\nPATH='$folder':\$PATH exec '$program' \"\$@\"\n")
        check(it.toFile().setExecutable(true))
    }

    /** A running gate, made from the Compose file among those that protecting wrote. */
    fun add(id: String, project: Path, files: List<String>) {
        val overlay = project.resolve(files.single { it.endsWith(".yaml") || it.endsWith(".yml") })
        val labels = json("com.docker.compose.project.config_files" to overlay)
        val gate = json(
            "Id" to id, "Name" to "/$id", "State" to json("Running" to true), "Config" to json("User" to "", "Labels" to labels),
            "HostConfig" to json("NetworkMode" to "none", "Privileged" to false), "NetworkSettings" to json("Networks" to JsonObject()),
        )
        Files.writeString(folder.resolve("$id.json"), gate.toString())
    }

    /** Processes of the feeds that were opened so far. */
    fun feeds(id: String): List<Long> = folder.resolve("$id.feeds").let { if (Files.exists(it)) Files.readAllLines(it).map(String::toLong) else emptyList() }

    /** The gate denies a host, as the feed of that process hears it. */
    fun deny(feed: Long, host: String) {
        val event = json("type" to "decision", "action" to "deny", "host" to host, "port" to 443, "phase" to "sni", "reason" to "not-allowed")
        Files.writeString(folder.resolve("$feed.events"), "$event\n", StandardOpenOption.APPEND)
    }
}
