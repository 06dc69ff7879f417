//! The tree: published vectors, a second opinion, and proofs that prove nothing else.

#[cfg(test)]
mod merkle {
    use audit_log::{
        Frontier, ProofError, TreeHash, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of,
        verify_consistency, verify_inclusion,
    };
    use ct_merkle::digest::{Output, array::Array};
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use ct_merkle::{ConsistencyProof, InclusionProof};
    use proptest::prelude::*;
    use sha2::Sha256;

    /// Leaves and roots of the reference tree of Certificate Transparency (RFC 6962), sizes 0 to 8.
    const LEAVES: [&[u8]; 8] =
        [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    /// Published inclusion proofs: index, size, hashes.
    const INCLUSIONS: [(u64, usize, &[&str]); 4] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    /// Published consistency proofs: smaller size, larger size, hashes.
    const CONSISTENCIES: [(u64, usize, &[&str]); 4] = [
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            3,
            8,
            &[
                "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
                "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
    ];

    fn hex(hashes: &[TreeHash]) -> Vec<String> {
        hashes.iter().map(ToString::to_string).collect()
    }

    fn at(number: u64) -> usize {
        usize::try_from(number).unwrap()
    }

    fn reference() -> Vec<TreeHash> {
        LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect()
    }

    #[test]
    fn the_published_roots_come_out() {
        let leaves = reference();
        let mut frontier = Frontier::default();
        for (size, root) in ROOTS.iter().enumerate() {
            assert_eq!(root_of(&leaves[..size]).to_string(), *root);
            assert_eq!(frontier.root().to_string(), *root);
            if let Some(leaf) = leaves.get(size) {
                frontier.append(*leaf);
            }
        }
    }

    #[test]
    fn the_published_proofs_come_out_and_hold() {
        let leaves = reference();
        for (index, size, published) in INCLUSIONS {
            let proof = inclusion_proof(&leaves[..size], index).unwrap();
            assert_eq!(hex(&proof), published);
            assert_eq!(
                verify_inclusion(&leaves[at(index)], index, size as u64, &proof, &root_of(&leaves[..size])),
                Ok(())
            );
        }
        for (first, second, published) in CONSISTENCIES {
            let proof = consistency_proof(&leaves[..second], first).unwrap();
            assert_eq!(hex(&proof), published);
            let (old, new) = (root_of(&leaves[..at(first)]), root_of(&leaves[..second]));
            assert_eq!(verify_consistency(first, &old, second as u64, &new, &proof), Ok(()));
        }
    }

    /// Every size up to 40, every index, every smaller size: the proofs hold, and hold for nothing else.
    #[test]
    fn every_proof_of_every_small_tree_holds_for_its_own_question_only() {
        let leaves: Vec<TreeHash> = (0..40_u8).map(|n| leaf_hash(&[n])).collect();
        for size in 1..=40 {
            let tree = &leaves[..at(size)];
            let root = root_of(tree);
            for index in 0..size {
                let proof = inclusion_proof(tree, index).unwrap();
                for other in 0..size {
                    let holds = verify_inclusion(&leaves[at(index)], other, size, &proof, &root).is_ok();
                    assert_eq!(holds, other == index, "{index} as {other} of {size}");
                }
                let longer = [proof.as_slice(), &[root]].concat();
                assert_eq!(
                    verify_inclusion(&leaves[at(index)], index, size, &longer, &root),
                    Err(ProofError::Length)
                );
            }
            for first in 0..=size {
                let proof = consistency_proof(tree, first).unwrap();
                for other in 0..=size {
                    let other_root = root_of(&leaves[..at(other)]);
                    let holds = verify_consistency(other, &other_root, size, &root, &proof).is_ok();
                    // Of an empty and of an equal tree there is nothing to prove, so the empty proof serves both.
                    assert_eq!(holds, other == first || (proof.is_empty() && [0, size].contains(&other)));
                }
            }
        }
    }

    #[test]
    fn an_index_or_size_outside_the_tree_is_refused() {
        let leaves = reference();
        assert_eq!(inclusion_proof(&leaves, 8), Err(ProofError::OutsideTree { index: 8, size: 8 }));
        assert_eq!(consistency_proof(&leaves, 9), Err(ProofError::OutsideTree { index: 9, size: 8 }));
        assert!(verify_inclusion(&leaves[0], 0, 0, &[], &root_of(&[])).is_err());
        assert!(verify_consistency(2, &leaves[0], 1, &leaves[0], &[]).is_err());
        assert!(Frontier::from_peaks(5, vec![leaves[0]]).is_err());
    }

    fn as_output(hash: &TreeHash) -> Output<Sha256> {
        Array(*hash.as_bytes())
    }

    proptest! {
        /// The second opinion: another implementation computes the same root and accepts our proofs.
        #[test]
        fn another_implementation_agrees(
            leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..80),
            at in any::<prop::sample::Index>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let hashes: Vec<TreeHash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            let tree_of = |leaves: &[Vec<u8>]| {
                let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
                for leaf in leaves {
                    tree.push(leaf.clone());
                }
                tree
            };
            let tree = tree_of(&leaves);
            let theirs = tree.root();
            prop_assert_eq!(theirs.as_bytes(), &as_output(&root_of(&hashes)));

            let index = at.index(leaves.len());
            let proof: Vec<_> = inclusion_proof(&hashes, index as u64).unwrap().iter().map(as_output).collect();
            let proof = InclusionProof::<Sha256>::from_digests(&proof);
            prop_assert!(tree.root().verify_inclusion(&leaves[index], index as u64, &proof).is_ok());

            let first = 1 + cut.index(leaves.len());
            let proof: Vec<_> = consistency_proof(&hashes, first as u64).unwrap().iter().map(as_output).collect();
            if first < leaves.len() {
                let proof = ConsistencyProof::<Sha256>::from_digests(&proof);
                prop_assert!(tree.root().verify_consistency(&tree_of(&leaves[..first]).root(), &proof).is_ok());
            }
        }

        #[test]
        fn a_stored_frontier_goes_on_as_if_nothing_had_happened(
            before in 0..70_u64, after in 0..70_u64,
        ) {
            let mut whole = Frontier::default();
            (0..before).for_each(|n| whole.append(leaf_hash(&n.to_be_bytes())));
            let mut restored = Frontier::from_peaks(whole.size(), whole.peaks().to_vec()).unwrap();
            for n in before..before + after {
                whole.append(leaf_hash(&n.to_be_bytes()));
                restored.append(leaf_hash(&n.to_be_bytes()));
            }
            prop_assert_eq!(whole.root(), restored.root());
        }
    }

    #[test]
    fn a_node_is_never_mistaken_for_a_leaf() {
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let glued = [left.as_bytes().as_slice(), right.as_bytes()].concat();
        assert_ne!(leaf_hash(&glued), node_hash(&left, &right));
    }
}
