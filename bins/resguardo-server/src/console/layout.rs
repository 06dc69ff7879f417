//! The frame of every page.

use maud::{DOCTYPE, Markup, html};
use records_model::Role;

use crate::app::Lang;
use crate::fields::TOKEN_FIELD;
use crate::guard::{Audience, Staff};

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) " · Resguardo" }
            link rel="stylesheet" href="/style.css";
        }
    }
}

/// A page without navigation.
pub(crate) fn bare_page(lang: Lang, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            (head(title))
            body { main .narrow { (body) } footer { (language_switch(lang)) } }
        }
    }
}

/// A page of the console.
pub(crate) fn page(staff: &Staff, role_text: &str, title: &str, body: &Markup) -> Markup {
    let lang = staff.lang;
    html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            (head(title))
            body {
                a .skip href="#content" { (lang.t("Ir al contenido", "Skip to the content")) }
                header .bar {
                    a .mark href="/today" { "Resguardo" }
                    nav aria-label=(lang.t("Secciones", "Sections")) { (links(staff)) }
                    form .who method="post" action="/sign-out" {
                        (token(staff))
                        span { (role_text) }
                        button .quiet { (lang.t("Salir", "Sign out")) }
                    }
                }
                main #content { (body) }
                footer { (language_switch(lang)) " " a href="/notice" { (lang.t("Aviso de privacidad", "Privacy notice")) } }
            }
        }
    }
}

fn links(staff: &Staff) -> Markup {
    let lang = staff.lang;
    let all = [
        ("/today", lang.t("Hoy", "Today"), Audience::Staff),
        ("/people", lang.t("Personas", "People"), Audience::Staff),
        ("/requests", lang.t("Solicitudes", "Requests"), Audience::Oversight),
        ("/reviews", lang.t("Emergencias", "Break-glass"), Audience::Oversight),
        ("/alerts", lang.t("Alertas", "Alerts"), Audience::Oversight),
        ("/audit", lang.t("Bitácora", "Audit"), Audience::Oversight),
        ("/ask", lang.t("Consultar", "Ask"), Audience::Staff),
        ("/policy", lang.t("Política", "Policy"), Audience::Oversight),
        ("/promises", lang.t("Promesas", "Promises"), Audience::Oversight),
    ];
    let role: Option<Role> = Some(staff.role);
    html! {
        @for (path, text, audience) in all {
            @if audience.includes(role) { a href=(path) { (text) } " " }
        }
    }
}

/// The hidden token of a form.
pub(crate) fn token(staff: &Staff) -> Markup {
    html! { input type="hidden" name=(TOKEN_FIELD) value=(staff.token); }
}

fn language_switch(lang: Lang) -> Markup {
    let (code, name) = lang.t2(("en", "English"), ("es", "Español"));
    html! {
        form .inline method="post" action="/language" {
            input type="hidden" name="language" value=(code);
            button .quiet lang=(code) { (name) }
        }
    }
}
