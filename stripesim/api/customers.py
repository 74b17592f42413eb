from typing import Any

from stripe.params import (
    CustomerCreateParams,
    CustomerDeleteParams,
    CustomerListParams,
    CustomerRetrieveParams,
    CustomerUpdateParams,
)

from stripesim import shapes
from stripesim.api import metadata
from stripesim.api.lists import listed
from stripesim.api.payment_methods import attach, let_go
from stripesim.calls import Call, endpoint
from stripesim.refusal import Refused, missing
from stripesim.store import Thing, new_id


@endpoint("POST", "/v1/customers", CustomerCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    method = given.pop("payment_method", None)
    customer = shapes.customer(id=new_id("cus"), created=call.now, invoice_prefix=new_id("").upper()[1:9])
    change(call, customer, given)
    call.store.add(customer)
    call.tell("customer.created", customer)
    if method:
        attach(call, {"customer": customer["id"]}, method)
    return customer


@endpoint("GET", "/v1/customers", CustomerListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    people = [one for one in call.store.all("customer") if not one.get("deleted")]
    return listed([one for one in people if given.get("email") in (None, one["email"])], given, "/v1/customers")


@endpoint("GET", "/v1/customers/{id}", CustomerRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("customer", id)


@endpoint("POST", "/v1/customers/{id}", CustomerUpdateParams)
def update(call: Call, given: dict[str, Any], id: str) -> Thing:
    customer = living(call, id, param="id", status=404)
    before = {name: customer[name] for name in given if name in customer}
    change(call, customer, given)
    call.store.save(customer)
    call.tell("customer.updated", customer, **before)
    return customer


@endpoint("DELETE", "/v1/customers/{id}", CustomerDeleteParams)
def delete(call: Call, given: dict[str, Any], id: str) -> Thing:
    customer = living(call, id, param="id", status=404)
    for method in call.store.all("payment_method", customer=id):
        let_go(call, method)
    call.tell("customer.deleted", customer)
    return call.store.save({"id": id, "object": "customer", "deleted": True})


def living(call: Call, id: str, *, param: str = "customer", status: int = 400) -> Thing:
    customer = call.store.get("customer", id, param=param, status=status)
    if customer.get("deleted"):
        raise missing("customer", id, param=param, status=status)
    return customer


def change(call: Call, customer: Thing, given: dict[str, Any]) -> None:
    settings = given.pop("invoice_settings", None) or {}
    if "default_payment_method" in settings:
        customer["invoice_settings"]["default_payment_method"] = own(
            call, customer["id"], settings["default_payment_method"]
        )
    metadata.merge(customer, given.pop("metadata", None))
    customer |= {name: value if value != "" else None for name, value in given.items() if name in customer}


def own(call: Call, customer: str, id: str) -> str | None:
    if not id:
        return None
    method = call.store.get("payment_method", id, param="invoice_settings[default_payment_method]", status=400)
    if method["customer"] != customer:
        raise Refused(
            f"The customer does not have a payment method with the ID {id}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param="invoice_settings[default_payment_method]",
        )
    return id
