package dev.drawbridge.ui

import com.formdev.flatlaf.FlatDarkLaf
import com.formdev.flatlaf.FlatLightLaf
import dev.drawbridge.TestBed
import org.junit.jupiter.api.Assertions.assertTrue
import java.awt.Component
import java.awt.Container
import java.awt.image.BufferedImage
import java.nio.file.Files
import javax.imageio.ImageIO
import javax.swing.JComponent
import javax.swing.SwingUtilities

/** Components without a display: laid out, drawn into pictures, searched. */
object Screen {
    /** Where the pictures go; those of the README are copied from here. */
    private val folder = TestBed.root.resolve("plugin-jetbrains/core/target/pictures")

    private val looks = mapOf("light" to { FlatLightLaf.setup() }, "dark" to { FlatDarkLaf.setup() })

    fun <T> onUi(work: () -> T): T {
        var result: Result<T>? = null
        SwingUtilities.invokeAndWait { result = runCatching(work) }
        return result!!.getOrThrow()
    }

    /** Draws what [make] makes in every look. */
    fun draw(name: String, width: Int, height: Int, make: () -> JComponent) {
        for ((look, setUp) in looks) onUi {
            setUp()
            val component = make()
            val image = BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)
            val graphics = image.createGraphics()
            graphics.setRenderingHint(java.awt.RenderingHints.KEY_TEXT_ANTIALIASING, java.awt.RenderingHints.VALUE_TEXT_ANTIALIAS_ON)
            // Twice: what wraps knows its height only once it knows its width.
            repeat(2) { layOut(component, width, height) }
            component.printAll(graphics)
            graphics.dispose()
            val colours = HashSet<Int>()
            for (x in 0 until width step 3) for (y in 0 until height step 3) colours += image.getRGB(x, y)
            assertTrue(colours.size > 5, "$name in $look is not empty")
            Files.createDirectories(folder)
            ImageIO.write(image, "png", folder.resolve("$name-$look.png").toFile())
        }
    }

    private fun layOut(component: Component, width: Int, height: Int) {
        component.setSize(width, height)
        all(component).forEach {
            it.invalidate()
        }
        fun down(one: Component) {
            one.doLayout()
            (one as? Container)?.components?.forEach(::down)
        }
        down(component)
    }

    fun all(component: Component): Sequence<Component> =
        sequenceOf(component) + (component as? Container)?.components.orEmpty().asSequence().flatMap { all(it) }

    inline fun <reified C : Component> find(component: Component, noinline wanted: (C) -> Boolean = { true }): List<C> =
        all(component).filterIsInstance<C>().filter(wanted).toList()
}
