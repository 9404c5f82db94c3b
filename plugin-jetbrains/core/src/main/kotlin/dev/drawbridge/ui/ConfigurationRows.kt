package dev.drawbridge.ui

import dev.drawbridge.Text
import dev.drawbridge.model.Configurations
import dev.drawbridge.text.Foreign

/** The row above the views of a folder with several dev containers: which one they are about. */
internal object ConfigurationRows {
    fun of(configurations: Configurations): List<Row> {
        if (!configurations.several) return emptyList()
        val chosen = configurations.chosen
        val label = if (chosen == null) Text.of("configuration.choose") else Foreign.line(chosen)
        val detail = if (chosen == null) Text.of("configuration.several", configurations.all.size) else Text.of("configuration.shown")
        val row = Row(
            id = "configuration",
            label = label,
            detail = detail,
            mark = if (chosen == null) Mark.UNSEEN else Mark.FILE,
            spoken = Text.of("configuration.spoken", label, detail),
            facts = listOf(label, Text.of("configuration.text")),
            acts = listOf(Act(Text.of("act.choose"), false) { it.chooseConfiguration() }),
        )
        return listOf(row)
    }
}
