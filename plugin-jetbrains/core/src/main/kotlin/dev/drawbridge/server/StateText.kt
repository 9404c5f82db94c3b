package dev.drawbridge.server

import dev.drawbridge.Text
import dev.drawbridge.text.Foreign

/** What somebody can do about a state. */
public enum class WayOn { RESTART, SETTINGS }

/** A state for people: a title, one or two sentences, and ways on, the best first. */
public data class StateText(val title: String, val text: String, val ways: List<WayOn>) {
    public companion object {
        public fun of(state: State): StateText = when (state) {
            is State.Stopped -> text("stopped", listOf(WayOn.RESTART))
            is State.Starting -> text("starting", emptyList())
            is State.Ready -> text("ready", emptyList(), state.version)
            is State.Missing -> text("missing", listOf(WayOn.SETTINGS, WayOn.RESTART), state.looked.joinToString(", "))
            is State.NotExecutable -> text("notExecutable", listOf(WayOn.SETTINGS, WayOn.RESTART), state.path)
            is State.Elsewhere -> text("elsewhere", listOf(WayOn.RESTART))
            is State.InsideProject -> text("insideProject", listOf(WayOn.SETTINGS), state.path)
            is State.NotStarted -> text("notStarted", listOf(WayOn.SETTINGS, WayOn.RESTART), state.path, state.why)
            is State.Incompatible -> text("incompatible", listOf(WayOn.SETTINGS, WayOn.RESTART), state.path, state.found)
            is State.Restarting -> text("restarting", listOf(WayOn.RESTART), state.attempt)
            is State.Crashed -> text("crashed", listOf(WayOn.RESTART, WayOn.SETTINGS), state.said.lines().last())
            is State.Hung -> text("hung", listOf(WayOn.RESTART))
        }

        private fun text(key: String, ways: List<WayOn>, vararg values: Any): StateText {
            val safe = values.map { if (it is Number) it else Foreign.line(it.toString(), LONGEST) }.toTypedArray()
            return StateText(Text.of("state.$key.title"), Text.of("state.$key.text", *safe), ways)
        }

        private const val LONGEST = 300
    }
}
