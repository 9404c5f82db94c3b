package dev.drawbridge

import java.text.MessageFormat
import java.util.Locale
import java.util.ResourceBundle

/** Texts of the message bundle. */
public object Text {
    /** The bundle's name, for `plugin.xml`. */
    public const val BUNDLE: String = "messages.DrawbridgeBundle"

    private val bundle: ResourceBundle = ResourceBundle.getBundle(BUNDLE, Locale.ROOT, Text::class.java.classLoader)

    /** The text of [key] with its places filled; numbers and words as they are. */
    public fun of(key: String, vararg values: Any): String = MessageFormat(bundle.getString(key), Locale.ROOT).format(values)
}
