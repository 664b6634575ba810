"""The sensors' door: what it takes, whom it lets in, and that nothing breaks it."""

import gzip
import json
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts_app.access import system
from signals_app import actions, processing
from signals_app.models import RawItem, Signal, Source

from .recording import audit, dumped

pytestmark = pytest.mark.django_db
ACTOR = system("tests")


@pytest.fixture
def made():
    return actions.create_source(actor=ACTOR, name="edge", format=Source.Format.MODSECURITY3)


@pytest.fixture
def post(client, made):
    def send(body, *, name="edge", token=made.token, content_type="application/json", **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {"authorization": f"Bearer {token}"} | headers
        return client.post(f"/api/intake/{name}", body, content_type=content_type, headers=headers)

    return send


class TestTaking:
    @pytest.mark.parametrize("shape", ["object", "array", "lines", "indented"])
    def test_an_object_an_array_or_lines_are_answered_202(self, post, shape):
        one, two = audit(number=1), audit(number=2)
        bodies = {
            "object": one,
            "array": [one, two],
            "lines": b"\n".join(dumped(one, two)),
            "indented": json.dumps(one, indent=1).encode(),
        }
        answer = post(bodies[shape])
        assert answer.status_code == 202
        assert answer.json() == {"taken": 1 if shape in ("object", "indented") else 2, "duplicates": 0, "refused": []}

    def test_stored_before_it_is_read(self, post):
        post(audit())
        assert RawItem.objects.get().state == "pending"
        processing.process_pending()
        assert Signal.objects.get().count == 1

    def test_refused_lines_are_named_and_the_rest_taken(self, post):
        answer = post(b"\n".join([*dumped(audit()), b"{", b"[]"]), content_type="application/x-ndjson")
        assert answer.status_code == 202
        assert answer.json()["taken"] == 1
        assert [refused["line"] for refused in answer.json()["refused"]] == [2, 3]

    def test_items_without_anything_to_read_are_refused_by_their_number(self, post):
        answer = post([{}, audit(), {"neither": "nor"}])
        assert answer.status_code == 202
        assert [refused["line"] for refused in answer.json()["refused"]] == [1, 3]
        assert all("neither an audit transaction" in refused["why"] for refused in answer.json()["refused"])
        assert RawItem.objects.count() == 1

    def test_the_second_time_counts_as_duplicate(self, post):
        post(audit())
        assert post(audit()).json() == {"taken": 0, "duplicates": 1, "refused": []}

    def test_gzip_is_unpacked_also_in_several_members(self, post):
        packed = b"".join(gzip.compress(line + b"\n") for line in dumped(audit(number=1), audit(number=2)))
        answer = post(packed, **{"content-encoding": "gzip"})
        assert (answer.status_code, answer.json()["taken"]) == (202, 2)

    def test_bytes_that_are_not_utf8_are_taken(self, post):
        assert post(dumped(audit())[0].replace(b"Mozilla", b"\xc0\xaf\xff")).status_code == 202


class TestRefusing:
    @pytest.mark.parametrize("body", [b"  \n", b"[]", b"{", b"nonsense", b"42", b"[1, 2]", b"{}", b"\xff\xfe", b"[{"])
    def test_nothing_that_can_be_read_is_400_with_a_reason(self, post, body):
        answer = post(body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"]

    @pytest.mark.parametrize(
        "change", [{"token": "wrong"}, {"token": ""}, {"name": "no-such-source"}, {"authorization": "Basic abc"}]
    )
    def test_a_wrong_token_and_an_unknown_source_look_the_same(self, post, change):
        expected = post(audit(), token="x").json()
        answer = post(audit(), **change)
        assert (answer.status_code, answer.json()) == (401, expected)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert not RawItem.objects.exists()

    def test_another_sources_token_is_wrong(self, post):
        other = actions.create_source(actor=ACTOR, name="other", format=Source.Format.TOCSIN)
        assert post(audit(), token=other.token).status_code == 401

    def test_a_token_that_was_replaced_is_wrong_and_the_new_one_right(self, post, made):
        new = actions.rotate_token(actor=ACTOR, source=made.source.pk).token
        assert (post(audit()).status_code, post(audit(), token=new).status_code) == (401, 202)

    def test_a_source_that_is_switched_off_is_told_so(self, post, made):
        actions.edit_sources(actor=ACTOR, seen={made.source.pk: None}, is_enabled=False)
        assert post(audit()).status_code == 403

    @pytest.mark.parametrize("media", ["text/html", "multipart/form-data", "application/x-www-form-urlencoded", ""])
    def test_other_media_are_415(self, post, media):
        assert post(b"{}", content_type=media).status_code == 415

    def test_what_the_framework_refuses_is_told_in_the_same_form(self, post):
        (error,) = post(b"{}", content_type="text/html").json()["errors"]
        assert error["code"] == "unsupported_media_type"
        assert "application/json" in error["message"]

    def test_other_encodings_are_415(self, post):
        assert post(b"{}", **{"content-encoding": "br"}).status_code == 415

    def test_a_body_over_ten_mebibytes_is_413(self, post):
        assert post(b" " * (10 * 2**20 + 1)).status_code == 413

    def test_gzip_that_unpacks_to_nothing_is_not_read_for_ever(self, post):
        empty = gzip.compress(b"")
        assert post(empty * (11 * 2**20 // len(empty)), **{"content-encoding": "gzip"}).status_code == 413

    def test_a_gzip_bomb_is_413_long_before_it_is_unpacked(self, post):
        packer = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(1000)) + packer.flush()
        assert len(bomb) < 2**20 * 1.1
        assert post(bomb, **{"content-encoding": "gzip"}).status_code == 413

    @pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b'{"a": 1}')[:-6]], ids=["not", "torn"])
    def test_broken_gzip_is_400(self, post, body):
        assert post(body, **{"content-encoding": "gzip"}).status_code == 400

    def test_more_items_than_allowed_are_413(self, post):
        assert post(b"{}\n" * 10_001).status_code == 413

    def test_deep_nesting_is_400(self, post):
        assert post(b'{"a":' * 100_000).status_code == 400

    def test_only_post_is_answered(self, client, made):
        answer = client.get("/api/intake/edge", headers={"authorization": f"Bearer {made.token}"})
        assert answer.status_code == 405


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "transaction": VALUES | st.fixed_dictionaries({"unique_id": VALUES, "messages": VALUES, "request": VALUES}),
        "request_id": VALUES,
        "client_ip": VALUES,
        "msec": VALUES,
    },
)
FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestFuzz:
    @FUZZ
    @given(body=st.binary(min_size=1, max_size=300))
    def test_any_bytes_are_answered_and_never_with_500(self, post, body):
        assert post(body).status_code in (202, 400)

    @FUZZ
    @given(body=VALUES | SHAPED | st.lists(SHAPED, max_size=3))
    def test_any_json_is_answered_and_then_processed(self, post, body):
        assert post(body).status_code in (202, 400)
        processing.process_pending()
        assert not RawItem.objects.filter(state="pending").exists()

    @FUZZ
    @given(
        body=st.binary(min_size=1, max_size=200),
        encoding=st.sampled_from(["gzip", "identity", "", "deflate", "x" * 50]),
    )
    def test_any_encoding_is_answered(self, post, body, encoding):
        assert post(body, **{"content-encoding": encoding}).status_code in (202, 400, 415)
