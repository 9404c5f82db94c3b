package dev.drawbridge

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassWriter
import org.objectweb.asm.commons.ClassRemapper
import org.objectweb.asm.commons.Remapper
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.inputStream
import kotlin.io.path.toPath

/** What this module is made of. */
class BoundaryTest {
    private val classes: Path = Text::class.java.protectionDomain.codeSource.location.toURI().toPath()

    private fun mentioned(): Set<String> {
        val names = mutableSetOf<String>()
        val remapper = object : Remapper() {
            override fun map(name: String): String = name.also { names += it }
        }
        val files = classes.toFile().walk().map { it.toPath() }.filter { it.extension == "class" }.toList()
        assertTrue(files.size > 20, "the classes are looked at")
        for (file in files) file.inputStream().use { ClassReader(it).accept(ClassRemapper(ClassWriter(0), remapper), 0) }
        return names
    }

    @Test
    fun `no class of an IDE, and no library beside Kotlin's and Gson`() {
        val names = mentioned()
        assertTrue("com/google/gson/JsonObject" in names && "java/lang/ProcessBuilder" in names, "names are found")
        val allowed = listOf("dev/drawbridge/", "java/", "javax/swing/", "javax/accessibility/", "kotlin/", "com/google/gson/", "org/jetbrains/annotations/")
        assertEquals(emptyList<String>(), names.filter { name -> allowed.none { name.startsWith(it) } }.sorted())
    }
}
