ENGINE_MODULES = ("dates.js", "payload.js", "engine.js", "answers.js")
