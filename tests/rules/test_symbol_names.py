"""Readable names of C++ symbols."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envdoctor.rules.symbol_names import readable_symbol


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE", "c10::Error::Error"),
        ("_ZN3c105ErrorD2Ev", "c10::Error::~Error"),
        ("_ZNK2at10TensorBase14const_data_ptrIhLi0EEEPKT_v", "at::TensorBase::const_data_ptr<...>"),
        ("_ZN2at4_ops24std_correction_names_out4callERKNS_6TensorE", "at::_ops::std_correction_names_out::call"),
        ("_ZN3c104cuda18device_synchronizeEv", "c10::cuda::device_synchronize"),
        ("_ZTIN3c105ErrorE", "typeinfo for c10::Error"),
        ("_ZTVN5torch8autograd4NodeE", "vtable for torch::autograd::Node"),
        ("_ZN5torch8autograd4NodeclEv", "torch::autograd::Node::operator()"),
        ("_ZN5torch3jit12_GLOBAL__N_13runEv", "torch::jit::(anonymous namespace)::run"),
        ("_ZNK3c106SymIntcvlEv", "c10::SymInt"),
        ("_ZN3c106detail4nameB5cxx11Ev", "c10::detail::name"),
        ("_Z3foov", "foo"),
        ("aoti_torch_get_current_cuda_stream", "aoti_torch_get_current_cuda_stream"),
        ("__nvJitLinkCreate_12_8", "__nvJitLinkCreate_12_8"),
        ("_ZN99", "_ZN99"),
        ("_Z", "_Z"),
    ],
)
def test_names(symbol: str, expected: str) -> None:
    assert readable_symbol(symbol) == expected


@given(st.text("_ZNKVC1D20359abTISEIBSt", max_size=40).map("_Z".__add__))
def test_anything_gives_a_text(symbol: str) -> None:
    assert readable_symbol(symbol)
