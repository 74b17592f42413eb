"""What the pages say, in English and Spanish. TEST MODE is said in both as it is: it is a sign, not a word."""

from stripesim import cards

LANGUAGES = ("en", "es")
WORDS = {
    "amount_to_pay": ("Amount to pay", "Importe por pagar"),
    "asks": (
        "Your bank would ask you here whether it is really you.",
        "Aquí su banco le preguntaría si realmente es usted.",
    ),
    "bank_title": ("Confirm that it is you", "Confirme que es usted"),
    "already": ("This question has been answered.", "Esta pregunta ya fue respondida."),
    "back": ("Back", "Volver"),
    "back_to": ("Continue", "Continuar"),
    "card_information": ("Card information", "Datos de la tarjeta"),
    "card_number": ("Card number", "Número de tarjeta"),
    "complete": ("Complete", "Completar"),
    "country": ("Country", "País"),
    "cvc": ("Security code", "Código de seguridad"),
    "cvc_short": ("Your card's security code is incomplete.", "El código de seguridad de su tarjeta está incompleto."),
    "cvc_hint": ("The 3 digits on the back, 4 on American Express", "Los 3 dígitos del reverso, 4 en American Express"),
    "done": ("You're all done here.", "Ya terminó aquí."),
    "email": ("Email", "Correo electrónico"),
    "email_wrong": ("Your email is incomplete.", "Su correo electrónico está incompleto."),
    "expired": (
        "This page has expired. Go back and start again.",
        "Esta página venció. Vuelva y comience de nuevo.",
    ),
    "expiry": ("Expiration date", "Fecha de vencimiento"),
    "expiry_hint": ("MM / YY", "MM / AA"),
    "expiry_past": ("Your card's expiration date is in the past.", "La fecha de vencimiento de su tarjeta ya pasó."),
    "expiry_wrong": (
        "Your card's expiration date is incomplete.",
        "La fecha de vencimiento de su tarjeta está incompleta.",
    ),
    "fail": ("Fail", "Rechazar"),
    "hint": (
        "4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks first. "
        "Any later date, any security code.",
        "4242 4242 4242 4242 paga, 4000 0000 0000 0002 es rechazada, 4000 0027 6000 3184 pregunta antes. "
        "Cualquier fecha futura, cualquier código.",
    ),
    "keeps": (
        "By paying, you allow {business} to charge this card for later payments.",
        "Al pagar, usted permite que {business} haga cargos futuros a esta tarjeta.",
    ),
    "keeps_setup": (
        "By saving your card, you allow {business} to charge it for later payments.",
        "Al guardar su tarjeta, usted permite que {business} le haga cargos futuros.",
    ),
    "business": ("the practice", "el consultorio"),
    "name_on_card": ("Name on card", "Nombre en la tarjeta"),
    "name_missing": ("Enter the name on the card.", "Escriba el nombre que aparece en la tarjeta."),
    "no_money": (
        "No money moves. Never type a real card number.",
        "No se mueve dinero. Nunca escriba un número de tarjeta real.",
    ),
    "not_found": ("There is nothing at this address.", "No hay nada en esta dirección."),
    "not_tested": (
        "This is a test page and takes test card numbers only, like 4242 4242 4242 4242.",
        "Esta es una página de prueba y solo acepta números de prueba, como 4242 4242 4242 4242.",
    ),
    "number_short": ("Your card number is incomplete.", "El número de su tarjeta está incompleto."),
    "number_wrong": ("Your card number is incorrect.", "El número de su tarjeta es incorrecto."),
    "pay": ("Pay {amount}", "Pagar {amount}"),
    "pay_title": ("Pay by card", "Pagar con tarjeta"),
    "postal_code": ("ZIP", "Código postal"),
    "postal_missing": ("Your postal code is incomplete.", "Su código postal está incompleto."),
    "receipt": ("Receipt", "Recibo"),
    "save": ("Save card", "Guardar tarjeta"),
    "save_title": ("Save a card", "Guardar una tarjeta"),
    "to_correct": ("Please correct what is marked below.", "Corrija lo que está marcado abajo."),
    "us": ("United States", "Estados Unidos"),
    "other_country": ("Another country", "Otro país"),
}
SPANISH_OF_BANKS = {
    cards.DECLINED: "Su tarjeta fue rechazada.",
    cards.FUNDS.message: "Su tarjeta no tiene fondos suficientes.",
    cards.EXPIRED.message: "Su tarjeta está vencida.",
    cards.CVC.message: "El código de seguridad de su tarjeta es incorrecto.",
    cards.PROCESSING.message: "Ocurrió un error al procesar su tarjeta. Inténtelo de nuevo en un momento.",
    cards.UNAUTHENTICATED.message: "Su tarjeta fue rechazada. Esta transacción requiere autenticación.",
}
UNAUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    "No pudimos autenticar su método de pago. Elija otro método de pago e inténtelo de nuevo.",
)


def chosen(wanted: str, accepted: str) -> str:
    """By the page's `locale`, then by what the browser prefers."""
    for tag in (wanted, *(part.split(";")[0] for part in accepted.split(","))):
        if tag.strip()[:2].lower() in LANGUAGES:
            return tag.strip()[:2].lower()
    return "en"


def word(name: str, language: str) -> str:
    return WORDS[name][LANGUAGES.index(language)]


def of_bank(message: str, language: str) -> str:
    return SPANISH_OF_BANKS.get(message, message) if language == "es" else message


def unauthenticated(language: str) -> str:
    return UNAUTHENTICATED[LANGUAGES.index(language)]


def money(cents: int, language: str) -> str:
    """Dollars as both languages of the United States write them."""
    return f"${cents / 100:,.2f}"
