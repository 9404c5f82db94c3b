package dev.drawbridge.ui

import java.awt.BasicStroke
import java.awt.Color
import java.awt.Component
import java.awt.Font
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.awt.geom.Ellipse2D
import java.awt.geom.Path2D
import javax.swing.Icon
import javax.swing.UIManager

/** Colours and fonts of the look and feel in force; asked each time, since it may change. */
public object Look {
    public val foreground: Color get() = color("Label.foreground", Color.BLACK)
    public val background: Color get() = color("Panel.background", Color.WHITE)
    public val weak: Color get() = color("Label.disabledForeground", Color.GRAY)
    public val border: Color get() = color("Component.borderColor", Color.GRAY)
    public val error: Color get() = color("Component.errorFocusColor", color("Actions.Red", ERROR))
    public val font: Font get() = UIManager.getFont("Label.font") ?: Font(Font.DIALOG, Font.PLAIN, 13)
    public val code: Font get() = Font(Font.MONOSPACED, Font.PLAIN, font.size)
    public val dark: Boolean get() = background.let { it.red + it.green + it.blue } < DARK

    /** By key, as JetBrains' themes and FlatLaf name them, else by what reads well on the background. */
    public fun of(mark: Mark): Color = when (mark) {
        Mark.CRITICAL, Mark.HIGH, Mark.DENIED -> color("Actions.Red", if (dark) Color(0xE0, 0x6C, 0x6C) else Color(0xC7, 0x22, 0x22))
        Mark.MEDIUM, Mark.CHANGED -> color("Actions.Yellow", if (dark) Color(0xE0, 0xB0, 0x50) else Color(0xA6, 0x6F, 0x00))
        Mark.CLOSED -> color("Actions.Green", if (dark) Color(0x6A, 0xB0, 0x7A) else Color(0x2E, 0x7D, 0x3A))
        Mark.LOW, Mark.OPEN -> color("Actions.Blue", if (dark) Color(0x6F, 0xA8, 0xDC) else Color(0x2B, 0x6C, 0xB0))
        Mark.INFO, Mark.FILE, Mark.UNSEEN -> color("Actions.Grey", if (dark) Color(0xA0, 0xA6, 0xAD) else Color(0x6C, 0x72, 0x7A))
    }

    private fun color(key: String, otherwise: Color): Color = UIManager.getColor(key) ?: otherwise

    private val ERROR = Color(0xC7, 0x22, 0x22)
    private const val DARK = 3 * 128
}

/** Draws a [Mark]; 16 units square. */
public class MarkIcon(private val mark: Mark) : Icon {
    override fun getIconWidth(): Int = SIZE

    override fun getIconHeight(): Int = SIZE

    override fun paintIcon(component: Component?, graphics: Graphics, x: Int, y: Int) {
        val g = graphics.create() as Graphics2D
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE)
        g.translate(x, y)
        g.color = Look.of(mark)
        g.stroke = BasicStroke(1.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
        draw(g)
        g.dispose()
    }

    private fun draw(g: Graphics2D) = when (mark) {
        Mark.CRITICAL -> {
            g.fill(shape(5.5, 1.5, 10.5, 1.5, 14.5, 5.5, 14.5, 10.5, 10.5, 14.5, 5.5, 14.5, 1.5, 10.5, 1.5, 5.5))
            exclamation(g, Look.background)
        }
        Mark.HIGH -> {
            g.fill(Ellipse2D.Double(1.5, 1.5, 13.0, 13.0))
            exclamation(g, Look.background)
        }
        Mark.MEDIUM -> {
            g.draw(shape(8.0, 2.0, 14.5, 13.5, 1.5, 13.5))
            g.drawLine(8, 6, 8, 9)
            g.fill(Ellipse2D.Double(7.1, 10.6, 1.8, 1.8))
        }
        Mark.LOW, Mark.INFO -> {
            g.draw(Ellipse2D.Double(2.0, 2.0, 12.0, 12.0))
            g.fill(Ellipse2D.Double(7.1, 4.4, 1.8, 1.8))
            g.drawLine(8, 8, 8, 11)
        }
        Mark.FILE -> {
            g.draw(shape(3.5, 1.8, 9.5, 1.8, 12.8, 5.0, 12.8, 14.2, 3.5, 14.2))
            g.drawPolyline(intArrayOf(9, 9, 12), intArrayOf(2, 5, 5), 3)
        }
        Mark.OPEN -> {
            g.draw(Ellipse2D.Double(2.0, 2.0, 12.0, 12.0))
            g.drawLine(5, 8, 11, 8)
        }
        Mark.CLOSED -> {
            g.draw(Ellipse2D.Double(2.0, 2.0, 12.0, 12.0))
            g.drawPolyline(intArrayOf(5, 7, 11), intArrayOf(8, 10, 6), 3)
        }
        Mark.DENIED -> {
            g.draw(Ellipse2D.Double(2.0, 2.0, 12.0, 12.0))
            g.drawLine(4, 12, 12, 4)
        }
        Mark.CHANGED -> {
            g.drawLine(8, 2, 8, 8)
            g.drawLine(5, 5, 11, 5)
            g.drawLine(5, 12, 11, 12)
        }
        Mark.UNSEEN -> {
            g.drawArc(1, 3, 14, 10, 200, 140)
            for (at in listOf(4, 8, 12)) g.drawLine(at, if (at == 8) 13 else 12, at, if (at == 8) 15 else 14)
        }
    }

    private fun exclamation(g: Graphics2D, color: Color) {
        g.color = color
        g.drawLine(8, 4, 8, 8)
        g.fill(Ellipse2D.Double(7.0, 10.4, 2.0, 2.0))
    }

    private fun shape(vararg at: Double) = Path2D.Double().apply {
        moveTo(at[0], at[1])
        for (index in 2 until at.size step 2) lineTo(at[index], at[index + 1])
        closePath()
    }

    private companion object {
        const val SIZE = 16
    }
}
