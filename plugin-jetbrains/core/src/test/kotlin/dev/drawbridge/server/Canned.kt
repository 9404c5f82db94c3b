package dev.drawbridge.server

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import dev.drawbridge.rpc.Framing
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption

/**
 * A server whose answers lie in a folder, `METHOD.json` without `drawbridge/`, where the test may change them; a method without a file
 * fails. After its answer comes what is in `METHOD.event.json`. It writes down in `log` what it was asked.
 */
object Canned {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val folder = Path.of(arguments.single())
        while (true) {
            val message = JsonParser.parseString(Framing.read(System.`in`) ?: return).asJsonObject
            val method = message["method"].asString.removePrefix("drawbridge/")
            val id = message["id"] ?: continue
            val line = "$method ${message["params"]}\n"
            Files.writeString(folder.resolve("log"), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
            val answer = JsonObject().apply {
                addProperty("jsonrpc", "2.0")
                add("id", id)
            }
            val file = folder.resolve("$method.json")
            when {
                method == "initialize" -> answer.add("result", JsonParser.parseString(INTRODUCTION))
                Files.exists(file) -> answer.add("result", JsonParser.parseString(Files.readString(file)))
                else -> answer.add("error", JsonParser.parseString("""{"code": -32803, "message": "no answer"}"""))
            }
            Framing.write(System.out, answer.toString())
            val event = folder.resolve("$method.event.json")
            if (Files.exists(event)) {
                Framing.write(System.out, """{"jsonrpc": "2.0", "method": "drawbridge/event", "params": {"event": ${Files.readString(event)}}}""")
            }
            System.out.flush()
        }
    }

    private const val INTRODUCTION =
        """{"serverInfo": {"name": "drawbridge", "version": "0"}, "capabilities": {"experimental": {"drawbridge": {"protocol": 1}}}}"""
}
