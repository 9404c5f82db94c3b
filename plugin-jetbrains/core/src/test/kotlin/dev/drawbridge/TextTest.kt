package dev.drawbridge

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.util.ResourceBundle
import kotlin.io.path.readText

/** The message bundle beside the code that names its texts. */
class TextTest {
    private val bundle = ResourceBundle.getBundle(Text.BUNDLE)

    private val sources = listOf("core", "ide").flatMap { module ->
        TestBed.root.resolve("plugin-jetbrains/$module/src/main/kotlin").toFile().walk().filter { it.extension == "kt" }.map { it.readText() }.toList()
    }

    @Test
    fun `every text that the code names is there`() {
        val named = sources.flatMap { Regex("Text\\.of\\(\"([^\"$]+)\"").findAll(it).map { found -> found.groupValues[1] } }.toSet()
        assertEquals(emptySet<String>(), named.filterNot(bundle::containsKey).toSet())
    }

    @Test
    fun `no text is left over`() {
        val all = sources.joinToString("\n") + TestBed.root.resolve("plugin-jetbrains/ide/src/main/resources/META-INF/plugin.xml").readText()
        // Keys that are put together: everything up to the last dot is named.
        val made = Regex("\"([a-z.]+\\.)\\$").findAll(all).map { it.groupValues[1] }.toSet() + setOf("action.", "group.drawbridge", "toolwindow.", "state.")
        val unused = bundle.keySet().filter { key -> "\"$key\"" !in all && made.none { key.startsWith(it) } }
        assertEquals(emptyList<String>(), unused.sorted())
    }

    @Test
    fun `numbers and quotes come out right`() {
        assertEquals("1 finding, worst high", Text.of("channel.findings", 1, "high"))
        assertEquals("2 findings, worst low", Text.of("channel.findings", 2, "low"))
        assertEquals("Outside of this project's files", Text.of("group.elsewhere"))
        assertEquals("a and 1 more file. Look before you reopen the container", Text.of("notice.drift.text", "a", 1))
        assertEquals("a and 3 more files. Look before you reopen the container", Text.of("notice.drift.text", "a", 3))
        assertEquals("a. Look before you reopen the container", Text.of("notice.drift.text", "a", 0))
        assertEquals("Not reviewed: a and 2 more, b", Text.of("drift.left", "a", 2, "b"))
        assertEquals("nothing found, 1 listener", Text.of("channel.listeners", "nothing found", 1))
    }
}
