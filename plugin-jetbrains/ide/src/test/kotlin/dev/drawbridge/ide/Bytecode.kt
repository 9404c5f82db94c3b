package dev.drawbridge.ide

import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.FieldVisitor
import org.objectweb.asm.Handle
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import org.objectweb.asm.Type
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.toPath

/** A member in the notation of JetBrains' API dumps: `name(args):result` or `name:type`, with JVM types. */
data class Member(val text: String, val static: Boolean, val abstract: Boolean = false)

/** One class as the bytecode declares it. */
class Declared(val name: String, val kind: String, val supers: List<String>, val members: List<Member>)

/** Reads class files. */
object Bytecode {
    const val PLATFORM = "com.intellij."

    /** The folder or archive that holds a class. */
    fun home(of: Class<*>): Path = of.protectionDomain.codeSource.location.toURI().toPath()

    fun classes(home: Path): List<ByteArray> {
        if (Files.isDirectory(home)) {
            return home.toFile().walk().map { it.toPath() }.filter { it.extension == "class" }.sorted().map(Files::readAllBytes).toList()
        }
        java.util.zip.ZipFile(home.toFile()).use { zip ->
            return zip.entries().asSequence().filter { it.name.endsWith(".class") }.map { zip.getInputStream(it).readBytes() }.toList()
        }
    }

    fun declared(bytes: ByteArray): Declared {
        lateinit var declared: Declared
        val members = mutableListOf<Member>()
        ClassReader(bytes).accept(
            object : ClassVisitor(Opcodes.ASM9) {
                override fun visit(version: Int, access: Int, name: String, signature: String?, superName: String?, interfaces: Array<String>) {
                    declared = Declared(dotted(name), kind(access), (listOfNotNull(superName) + interfaces).map(::dotted), members)
                }

                override fun visitMethod(access: Int, name: String, descriptor: String, signature: String?, exceptions: Array<String>?): MethodVisitor? {
                    val ours = access and (Opcodes.ACC_PRIVATE or Opcodes.ACC_SYNTHETIC) == 0 && name != "<clinit>"
                    if (ours) members += Member(method(name, descriptor), access has Opcodes.ACC_STATIC, access has Opcodes.ACC_ABSTRACT)
                    return null
                }

                override fun visitField(access: Int, name: String, descriptor: String, signature: String?, value: Any?): FieldVisitor? {
                    val ours = access and (Opcodes.ACC_PRIVATE or Opcodes.ACC_SYNTHETIC) == 0
                    if (ours) members += Member("$name:${type(Type.getType(descriptor))}", access has Opcodes.ACC_STATIC)
                    return null
                }
            },
            ClassReader.SKIP_CODE,
        )
        return declared
    }

    /** What a class calls and reads of the platform: `call KIND owner.name(args):result`, `field KIND owner.name:type`. */
    fun uses(bytes: ByteArray): Set<String> {
        val uses = sortedSetOf<String>()
        val code = object : MethodVisitor(Opcodes.ASM9) {
            override fun visitMethodInsn(opcode: Int, owner: String, name: String, descriptor: String, isInterface: Boolean) {
                if (!dotted(owner).startsWith(PLATFORM)) return
                val how = when (opcode) {
                    Opcodes.INVOKESTATIC -> if (isInterface) "static-interface" else "static"
                    Opcodes.INVOKEINTERFACE -> "interface"
                    Opcodes.INVOKESPECIAL -> if (name == "<init>") "new" else "special"
                    else -> "virtual"
                }
                uses += "call $how ${dotted(owner)}.${method(name, descriptor)}"
            }

            override fun visitFieldInsn(opcode: Int, owner: String, name: String, descriptor: String) {
                if (!dotted(owner).startsWith(PLATFORM)) return
                val static = opcode == Opcodes.GETSTATIC || opcode == Opcodes.PUTSTATIC
                uses += "field ${if (static) "static" else "own"} ${dotted(owner)}.$name:${type(Type.getType(descriptor))}"
            }

            override fun visitInvokeDynamicInsn(name: String, descriptor: String, bootstrap: Handle, vararg arguments: Any) {
                for (handle in arguments.filterIsInstance<Handle>()) {
                    if (dotted(handle.owner).startsWith(PLATFORM)) uses += "call handle ${dotted(handle.owner)}.${method(handle.name, handle.desc)}"
                }
                val made = Type.getReturnType(descriptor).className
                if (made.startsWith(PLATFORM)) uses += "lambda $made.$name${(arguments[0] as Type).let { method("", it.descriptor) }}"
            }
        }
        ClassReader(bytes).accept(
            object : ClassVisitor(Opcodes.ASM9) {
                override fun visitMethod(access: Int, name: String, descriptor: String, signature: String?, exceptions: Array<String>?) = code
            },
            0,
        )
        return uses
    }

    private fun method(name: String, descriptor: String) =
        Type.getArgumentTypes(descriptor).joinToString(",", "$name(", "):${type(Type.getReturnType(descriptor))}") { type(it) }

    private fun type(type: Type): String = when (type.sort) {
        Type.ARRAY -> type(type.elementType) + "[]".repeat(type.dimensions)
        Type.OBJECT -> type.className
        else -> type.descriptor
    }

    private fun kind(access: Int) = when {
        access has Opcodes.ACC_INTERFACE -> "interface"
        access has Opcodes.ACC_ENUM -> "enum"
        access has Opcodes.ACC_ABSTRACT -> "abstract"
        access has Opcodes.ACC_FINAL -> "final"
        else -> "class"
    }

    private fun dotted(name: String) = name.replace('/', '.')

    private infix fun Int.has(bit: Int) = this and bit != 0
}
