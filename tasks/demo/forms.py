"""What the practice gives its clients: an intake form, a consent that is signed, and a sheet about telehealth."""

from dataclasses import replace

from portal import clock
from portal.access import Viewer
from portal.library import queries
from portal.library.actions import adding, keeping
from portal.library.actions.adding import Words
from portal.library.fields import By, Field, Kind
from tasks.actors.press import press, printed

STYLE = """
h1 { font-size: 20pt; } h2 { font-size: 12pt; margin: 16pt 0 2pt; border-bottom: 1pt solid #000; padding-bottom: 2pt; }
em { color: #333; font-style: normal; font-weight: 400; } p { margin: 0 0 7pt; } ul { padding-left: 14pt; }
.name { font-weight: 700; margin-bottom: 14pt; } .name span { float: right; font-weight: 400; }
.line { margin: 9pt 0 0; } .line.half { display: inline-block; width: 48%; margin-right: 1.5%; }
label { display: block; font-size: 9.5pt; font-weight: 600; margin-bottom: 2pt; }
input, textarea, select { appearance: auto; display: block; width: 100%; height: 17pt; border: 0.75pt solid #555;
  padding: 1pt 4pt; font: 10.5pt Figtree; box-sizing: border-box; }
select { color: transparent; background: none; } textarea { height: 58pt; } .tick { margin: 5pt 0; }
.tick label { display: inline; font-weight: 400; font-size: 10.5pt; }
.tick input { display: inline-block; width: 10pt; height: 10pt; padding: 0; margin-right: 5pt; vertical-align: -1pt; }
.next { break-before: page; }
"""
HEAD = '<p class="name">Harbor Lane Counseling<span>12 Harbor Lane, Annapolis, MD 21401 · (443) 555-0142</span></p>'


async def fill(lead: Viewer) -> None:
    """All three are in use; a second version of the intake form is still being looked over."""
    with clock.shifted(days=-40):
        intake = await _in_use(lead, INTAKE_WORDS, "intake.pdf", _page("Intake form", INTAKE), FIELDS)
        await _in_use(lead, CONSENT_WORDS, "consent-to-treatment.pdf", _page("Consent to treatment", CONSENT), FIELDS)
        await _in_use(lead, SHEET_WORDS, "how-telehealth-works.pdf", _page("How telehealth works", SHEET), {})
    with clock.shifted(hours=-5):
        newer = _page("Intake form", INTAKE + _line("pharmacy", "Pharmacy that you use", "Farmacia que usa"))
        await adding.add_version(lead, intake, "intake-2027.pdf", await printed(newer))
    await press().close()


async def _in_use(lead: Viewer, words: Words, name: str, page: str, known: dict[str, dict[str, object]]) -> int:
    form_id, number = await adding.add(lead, words, name, await printed(page))
    _, found = await queries.version(lead, form_id, number)
    reviewed: list[Field] = [replace(one, **known.get(one.name, {})) for one in found]  # type: ignore[arg-type]
    version = (await queries.form(lead, form_id)).version
    await keeping.review(lead, form_id, number, version, reviewed, is_final=True)
    return form_id


def _page(title: str, body: str) -> str:
    return (
        f'<html lang="en"><head><title>{title}</title><style>{STYLE}</style></head>'
        f'<body data-title="Harbor Lane Counseling" data-page="Page"><form>{HEAD}{body}</form></body></html>'
    )


def _line(name: str, words: str, words_es: str, kind: str = "", most: int = 0) -> str:
    """A question with room for its answer below it."""
    limit = f' maxlength="{most}"' if most else ""
    tag = f'<textarea id="{name}" name="{name}"{limit}></textarea>' if kind == "long" else ""
    tag = tag or f'<input id="{name}" name="{name}"{limit}>'
    half = " half" if kind == "half" else ""
    return f'<div class="line{half}"><label for="{name}">{words} <em>/ {words_es}</em></label>{tag}</div>'


def _tick(name: str, words: str) -> str:
    return (
        f'<div class="tick"><input type="checkbox" id="{name}" name="{name}"><label for="{name}">{words}</label></div>'
    )


INTAKE_WORDS = Words(
    "Intake form",
    "Formulario de admisión",
    "Tells your clinician about you before the first visit. It takes about ten minutes.",
    "Le cuenta a su terapeuta sobre usted antes de la primera visita. Toma unos diez minutos.",
)
INTAKE = f"""
<h1>Intake form <em>/ Formulario de admisión</em></h1>
<p>Please fill in what you can before your first visit. Leave empty what you would rather talk about.</p>
<h2>About you <em>/ Sobre usted</em></h2>
{_line("full_name", "Full name", "Nombre completo")}
{_line("birth_date", "Date of birth", "Fecha de nacimiento", "half", 10)}
{_line("pronouns", "Pronouns", "Pronombres", "half")}
{_line("phone", "Telephone", "Teléfono", "half", 20)}
{_line("occupation", "Work or school", "Trabajo o escuela", "half")}
<div class="line half"><label for="contact">Best way to reach you <em>/ Cómo contactarle</em></label>
<select id="contact" name="contact"><option value="phone">By phone / Por teléfono</option>
<option value="portal">In the portal / En el portal</option>
<option value="mail">By mail / Por correo</option></select></div>
<h2>What brings you here <em>/ Qué le trae aquí</em></h2>
{_line("reason", "In your own words", "En sus propias palabras", "long", 600)}
{_line("since", "Since when", "Desde cuándo", "half")}
{_line("goal", "What you hope for", "Qué espera", "half")}
<h2 class="next">Your health <em>/ Su salud</em></h2>
{_line("medicines", "Medicines that you take", "Medicinas que toma", "long", 400)}
{_line("doctor", "Your family doctor", "Su médico de cabecera", "half")}
{_line("allergies", "Allergies", "Alergias", "half")}
{_tick("been_before", "I have been in counseling before / He estado en terapia antes")}
{_tick("may_call_doctor", "You may talk with my family doctor / Pueden hablar con mi médico")}
<h2>For the office <em>/ Para el consultorio</em></h2>
{_line("chart_number", "Chart number", "Número de expediente", "half", 8)}
{_line("received_by", "Received by", "Recibido por", "half")}
"""
CONSENT_WORDS = Words(
    "Consent to treatment",
    "Consentimiento para el tratamiento",
    "What to expect of counseling with us, and your agreement to it.",
    "Qué puede esperar de la terapia con nosotros, y su acuerdo.",
    is_signed=True,
)
CONSENT = f"""
<h1>Consent to treatment <em>/ Consentimiento para el tratamiento</em></h1>
<p>Counseling is a conversation between you and your clinician about what you want to change. It often helps, and it can
bring up hard feelings on the way. You may ask about anything, refuse any part of it, and stop at any time.</p>
<p><em>La terapia es una conversación entre usted y su terapeuta sobre lo que quiere cambiar. A menudo ayuda, y en el
camino pueden aparecer sentimientos difíciles. Puede preguntar, negarse a cualquier parte y terminar cuando
quiera.</em></p>
<h2>What stays between us <em>/ Lo que queda entre nosotros</em></h2>
<p>What you tell us is confidential. The law makes exceptions: danger to you or to somebody else, abuse of a child or of
an adult who depends on care, and an order of a court.</p>
<p><em>Lo que nos cuenta es confidencial. La ley prevé excepciones: peligro para usted o para otra persona, maltrato de
menores o de adultos dependientes, y la orden de un tribunal.</em></p>
<h2>Appointments and emergencies <em>/ Citas y emergencias</em></h2>
<p>Please cancel at least 24 hours ahead. We are not an emergency service: in danger call 911, and in a crisis call or
text 988, day and night.</p>
<p><em>Cancele al menos 24 horas antes. No somos un servicio de emergencias: en peligro llame al 911; en una crisis
llame o mande un mensaje al 988, de día y de noche.</em></p>
<h2>Your agreement <em>/ Su acuerdo</em></h2>
{_tick("understood", "I have read this, and my questions were answered / Lo he leído y se respondieron mis preguntas")}
{_tick("agrees", "I agree to treatment / Acepto el tratamiento")}
{_line("printed_name", "Printed name", "Nombre en letra de molde", "half")}
{_line("signed_on", "Date", "Fecha", "half", 10)}
{_line("signature", "Signature", "Firma")}
"""
SHEET_WORDS = Words(
    "How telehealth works",
    "Cómo funciona la telesalud",
    "What you need for a visit by video, and what to do if it fails.",
    "Qué necesita para una visita por video, y qué hacer si falla.",
)
SHEET = """
<h1>How telehealth works</h1>
<p>You see your clinician by video, from wherever you are in private. Nothing has to be installed.</p>
<h2>What you need</h2>
<ul><li>A phone, tablet or computer with a camera and a microphone</li><li>A room where nobody listens, or
headphones</li>
<li>To be in Maryland during the visit: your clinician is licensed there</li></ul>
<h2>When it is time</h2>
<ul><li>Sign in to the portal a quarter of an hour before</li><li>Press Join beside the appointment</li>
<li>Say where you are, so that help would find you</li></ul>
<h2>If it fails</h2>
<p>Load the page again. If that does not help, your clinician calls the number on your record within five minutes. You
can also call us: (443) 555-0142.</p>
<div class="next" lang="es"><h1>Cómo funciona la telesalud</h1>
<p>Usted ve a su terapeuta por video, desde un lugar privado. No hay que instalar nada.</p>
<h2>Qué necesita</h2>
<ul><li>Un teléfono, una tableta o una computadora con cámara y micrófono</li>
<li>Una habitación donde nadie escuche, o audífonos</li>
<li>Estar en Maryland durante la visita: su terapeuta tiene licencia allí</li></ul>
<h2>Cuando llega la hora</h2>
<ul><li>Entre en el portal un cuarto de hora antes</li><li>Pulse Unirse junto a la cita</li>
<li>Diga dónde está, para que la ayuda le encuentre</li></ul>
<h2>Si falla</h2>
<p>Vuelva a cargar la página. Si no ayuda, su terapeuta llama en cinco minutos al número que tenemos de usted. También
puede llamarnos: (443) 555-0142.</p></div>
"""
OFFICE: dict[str, object] = {"by": By.PRACTICE}
NEEDED: dict[str, object] = {"required": True}
FIELDS: dict[str, dict[str, object]] = {
    "full_name": NEEDED,
    "birth_date": {"required": True, "kind": Kind.DATE, "help": "MM/DD/YYYY"},
    "reason": {"help": "A few words are enough. / Bastan unas palabras."},
    "chart_number": OFFICE,
    "received_by": OFFICE,
    "understood": NEEDED,
    "agrees": NEEDED,
    "printed_name": NEEDED,
    "signed_on": {"required": True, "kind": Kind.DATE},
    "signature": NEEDED,
}
