package dev.drawbridge.ide

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path

/**
 * Three descriptions of the platform beside each other: what our bytecode uses (`api-usage.txt`), what the stubs say, and what was
 * read in JetBrains' published API dumps (`api-signatures.txt`, made by hand; what was not found there stands under `unconfirmed`).
 */
class ApiTest {
    private class Recorded(val name: String, val kind: String, val confirmed: Boolean) {
        val supers = mutableListOf<String>()
        val members = mutableListOf<Member>()
    }

    private val module = Path.of("").toAbsolutePath()
    private val ours = Bytecode.classes(Bytecode.home(DrawbridgeService::class.java))
    private val stubHome = Bytecode.home(com.intellij.openapi.Disposable::class.java)
    private val stubs by lazy {
        assumeTrue("platform-stubs" in stubHome.toString(), "compiled against a real IDE: $stubHome")
        Bytecode.classes(stubHome).map(Bytecode::declared).filter { it.name.startsWith(Bytecode.PLATFORM) }.associateBy { it.name }
    }
    private val recorded: Map<String, Recorded> = read(Files.readAllLines(module.resolve("api-signatures.txt")))

    private fun read(lines: List<String>): Map<String, Recorded> {
        val all = LinkedHashMap<String, Recorded>()
        var confirmed: Boolean? = null
        for (line in lines.filterNot { it.isBlank() || it.startsWith("#") }) {
            val words = line.trim().split(' ')
            when {
                line == "unconfirmed" -> confirmed = false
                line.startsWith("module ") -> {
                    assertTrue(Regex("module \\S+ \\S+ [0-9a-f]{40}").matches(line), line)
                    confirmed = true
                }
                !line.startsWith("  ") -> {
                    assertTrue(words.size == 2 && words[0] in KINDS, line)
                    assertEquals(null, all.put(words[1], Recorded(words[1], words[0], confirmed!!)), "twice: $line")
                }
                words[0] == "<" -> all.values.last().supers += words[1]
                else -> all.values.last().members += Member(words.last(), "static" in words.dropLast(1), "abstract" in words.dropLast(1))
            }
        }
        return all
    }

    private fun supers(name: String): Sequence<Recorded> {
        val type = recorded[name] ?: return emptySequence()
        return sequenceOf(type) + type.supers.asSequence().flatMap { supers(it) }
    }

    /** What is used, one line each, as it is committed. */
    private fun usage(): List<String> {
        val lines = sortedSetOf<String>()
        for (bytes in ours) {
            lines += Bytecode.uses(bytes)
            val declared = Bytecode.declared(bytes)
            val direct = declared.supers.filter { it.startsWith(Bytecode.PLATFORM) }
            lines += direct.map { "extends $it" }
            val above = generateSequence(direct) { all -> all.flatMap { stubs[it]?.supers.orEmpty() }.ifEmpty { null } }.flatten().mapNotNull { stubs[it] }
            for (type in above.distinct()) {
                val theirs = type.members.map { it.text }.toSet()
                lines += declared.members.filter { it.text in theirs && !it.static && !it.text.startsWith("<") }.map { "override ${type.name}.${it.text}" }
            }
        }
        return lines.toList()
    }

    @Test
    fun `the list of what is used is up to date`() {
        val file = module.resolve("api-usage.txt")
        val now = listOf("# Generated from our bytecode by ApiTest: copy target/api-usage.txt here when it changed.") + usage()
        Files.write(module.resolve("target/api-usage.txt"), now)
        assertEquals(now.joinToString("\n"), Files.readAllLines(file).joinToString("\n"), "copy ide/target/api-usage.txt to ide/api-usage.txt")
    }

    @Test
    fun `everything used is recorded, with its kind`() {
        stubs
        val faults = mutableListOf<String>()
        for (line in usage()) {
            val words = line.split(' ')
            val target = words.last()
            if (words[0] == "extends") {
                if (target !in recorded) faults += "not recorded: $line"
                continue
            }
            val head = target.substringBefore('(').substringBefore(':')
            val owner = head.substringBeforeLast('.').let { if (head.endsWith(".<init>")) head.removeSuffix(".<init>") else it }
            val member = target.removePrefix("$owner.")
            val type = recorded[owner]
            if (type == null) {
                faults += "no such type: $line"
                continue
            }
            val found = supers(owner).flatMap { it.members }.find { it.text == member }
            if (found == null) {
                faults += "no such member: $line"
                continue
            }
            val right = when (words[1]) {
                "static" -> found.static && type.kind != "interface"
                "static-interface" -> found.static && type.kind == "interface"
                "interface" -> !found.static && type.kind == "interface"
                "virtual", "new", "special" -> !found.static && type.kind != "interface"
                else -> true
            }
            if (!right) faults += "another kind (${type.kind}, static ${found.static}): $line"
        }
        assertEquals(emptyList<String>(), faults)
    }

    @Test
    fun `the stubs say what is recorded`() {
        val faults = mutableListOf<String>()
        for (stub in stubs.values) {
            val type = recorded[stub.name]
            if (type == null) {
                faults += "not recorded: ${stub.name}"
                continue
            }
            if (type.kind != stub.kind) faults += "${stub.name} is ${stub.kind}, recorded ${type.kind}"
            for (member in stub.members.filterNot { stub.kind == "enum" && (it.text.startsWith("values") || it.text.startsWith("valueOf")) }) {
                val same = supers(stub.name).flatMap { it.members }.find { it.text == member.text }
                // A constructor of an abstract class without one is the compiler's.
                if (same == null && member.text == "<init>():V") continue
                if (same == null) faults += "${stub.name} has ${member.text}" else if (same.static != member.static) faults += "${stub.name}.${member.text}: static"
            }
            for (above in stub.supers.filter { it.startsWith(Bytecode.PLATFORM) && it !in type.supers }) faults += "${stub.name} extends $above"
        }
        assertEquals(emptyList<String>(), faults)
        assertEquals(emptySet<String>(), recorded.keys - stubs.keys, "recorded, but no stub")
    }

    @Test
    fun `what the platform leaves open is implemented`() {
        val classes = (ours.map(Bytecode::declared)).associateBy { it.name }
        val faults = mutableListOf<String>()
        for (declared in classes.values.filter { it.kind != "abstract" && it.kind != "interface" }) {
            val line = generateSequence(declared) { one -> one.supers.firstNotNullOfOrNull { classes[it] } }.toList()
            val has = line.flatMap { it.members }.filterNot { it.abstract }.map { it.text }.toSet()
            val all = line.flatMap { it.supers }.asSequence().flatMap { supers(it) }.toList()
            val given = all.flatMap { it.members }.filter { !it.abstract && !it.static }.map { it.text }.toSet()
            faults += all.flatMap { it.members }.filter { it.abstract && it.text !in has && it.text !in given }.map { "${declared.name} lacks ${it.text}" }
        }
        assertEquals(emptyList<String>(), faults)
    }

    @Test
    fun `the checks find a wrong kind and a member that is not there`() {
        val types = read(listOf("module a b ${"0".repeat(40)}", "interface com.intellij.A", "  static getInstance():com.intellij.A", "unconfirmed", "class com.intellij.B", "  < com.intellij.A"))
        assertTrue(types.getValue("com.intellij.A").confirmed && !types.getValue("com.intellij.B").confirmed)
        assertEquals(listOf(Member("getInstance():com.intellij.A", true)), types.getValue("com.intellij.A").members)
        assertEquals("interface", recorded.getValue("com.intellij.openapi.wm.ToolWindow").kind)
    }

    @Test
    fun `how much is confirmed`() {
        val (sure, open) = recorded.values.partition { it.confirmed }
        println("platform types recorded: ${sure.size} from API dumps, ${open.size} unconfirmed")
        assertTrue(sure.size >= 25)
    }

    private companion object {
        val KINDS = setOf("interface", "abstract", "final", "class", "enum")
    }
}
